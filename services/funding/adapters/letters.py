"""Issues the letter of every decision: written from the log, typeset, kept by its digest, recorded by the service."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from services.funding.adapters.papers import Papers
from services.funding.books import books
from services.funding.domain.impartiality import SERVICE
from services.funding.domain.verdict import DecisionConfirmed, IssueLetter
from services.funding.dossier import Dossier
from services.funding.filing import dossier
from services.funding.letter import TEMPLATE, letter
from shared.audit.signer import Diverged, Seal
from shared.decider import Rejected
from shared.ids import following
from shared.message import Context
from shared.municipalities import municipality as described
from shared.print import Press
from shared.store import CommandReused, Recorded
from shared.web.site import Site


class Letters:
    """Follows the log: a decision that stands without a letter gets one, beside everything else that goes on."""

    def __init__(self, site: Site, papers: Papers, press: Press) -> None:
        self._site = site
        self._papers = papers
        self._press = press
        self._waiting: asyncio.Queue[tuple[str, str, str]] = asyncio.Queue()

    async def __call__(self, municipality: str, recorded: Sequence[Recorded]) -> None:
        for one in recorded:
            if isinstance(one.event, DecisionConfirmed):
                self._waiting.put_nowait((municipality, one.id, one.event.decision_id))

    async def write(self) -> None:
        """Writes for ever what waits; one that fails waits again behind the others."""
        while True:
            waiting = await self._waiting.get()
            try:
                await self._issue(*waiting)
            except Exception:
                self._waiting.put_nowait(waiting)
                raise

    async def _issue(self, municipality: str, application: str, decision: str) -> None:
        service = self._site.service
        file = await dossier(service, municipality, application)
        standing = file.decision()
        if standing is None or standing.decision_id != decision or standing.letter_id:
            return
        now = datetime.now(UTC)
        digest = await self._papers.keep(municipality, await self._set(municipality, file, now))
        id = following(decision, "letter")
        by = Context(by=SERVICE, municipality=municipality, at=now, command_id=id)
        try:
            await service.handle("application", application, IssueLetter(letter_id=id, digest=digest), by)
        except (Rejected, CommandReused):  # revoked meanwhile, or another replica has written it
            return

    async def _set(self, municipality: str, file: Dossier, now: datetime) -> bytes:
        service = self._site.service
        async with service.reading(municipality) as connection:
            town = await described(connection, municipality)
        pot = await books(service, municipality, file.started.pot_id)
        project = await self._site.titles.read(municipality, "project", file.started.project_id)
        address = f"{self._site.settings.public_url}/{municipality}/audit"
        name = town.name if town else municipality
        data = letter(file, pot, name, project or "Ihr Projekt", address, await self._seal(municipality))
        return await self._press.pdf(TEMPLATE, data, now)

    async def _seal(self, municipality: str) -> Seal | None:
        try:
            return await self._site.signer.seal(municipality)
        except Diverged:  # nothing more is signed, and soon nothing more written
            return None
