"""Issues the letter of every decision and revocation: typeset from the log, kept by its digest, then recorded."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from services.funding.books import books
from services.funding.domain.impartiality import SERVICE
from services.funding.domain.verdict import DecisionConfirmed, DecisionRevoked, IssueLetter, IssueRevocationLetter
from services.funding.dossier import Dossier
from services.funding.filing import dossier
from services.funding.letter import TEMPLATE, letter
from services.funding.revocation import TEMPLATE as REVOCATION
from services.funding.revocation import revocation
from shared.audit.signer import Diverged, Seal
from shared.decider import Rejected
from shared.ids import following
from shared.message import Context
from shared.municipalities import municipality as described
from shared.papers import Papers
from shared.print import Press
from shared.store import CommandReused, Recorded
from shared.web.site import Site


class Letters:
    """Follows the log: a decision that stands without a letter gets one, and so does every revocation."""

    def __init__(self, site: Site, papers: Papers, press: Press) -> None:
        self._site = site
        self._papers = papers
        self._press = press
        self._waiting: asyncio.Queue[tuple[str, str, DecisionConfirmed | DecisionRevoked]] = asyncio.Queue()

    async def __call__(self, municipality: str, recorded: Sequence[Recorded]) -> None:
        for one in recorded:
            if isinstance(one.event, DecisionConfirmed | DecisionRevoked):
                self._waiting.put_nowait((municipality, one.id, one.event))

    async def write(self) -> None:
        """Writes for ever what waits; one that fails waits again behind the others."""
        while True:
            waiting = await self._waiting.get()
            try:
                await self._issue(*waiting)
            except Exception:
                self._waiting.put_nowait(waiting)
                raise

    async def _issue(self, municipality: str, application: str, told: DecisionConfirmed | DecisionRevoked) -> None:
        file = await dossier(self._site.service, municipality, application)
        if not _due(file, told):
            return
        now = datetime.now(UTC)
        digest = await self._papers.keep(municipality, await self._set(municipality, file, told, now))
        command: IssueLetter | IssueRevocationLetter
        if isinstance(told, DecisionRevoked):
            id = following(told.proposal_id, "revocation letter")
            command = IssueRevocationLetter(letter_id=id, revocation_id=told.proposal_id, digest=digest)
        else:
            id = following(told.decision_id, "letter")
            command = IssueLetter(letter_id=id, digest=digest)
        by = Context(by=SERVICE, municipality=municipality, at=now, command_id=id)
        try:
            await self._site.service.handle("application", application, command, by)
        except (Rejected, CommandReused):  # revoked meanwhile, or another replica has written it
            return

    async def _set(
        self, municipality: str, file: Dossier, told: DecisionConfirmed | DecisionRevoked, now: datetime
    ) -> bytes:
        service = self._site.service
        async with service.reading(municipality) as connection:
            town = await described(connection, municipality)
        pot = await books(service, municipality, file.started.pot_id)
        project = await self._site.titles.read(municipality, "project", file.started.project_id)
        address = f"{self._site.settings.public_url}/{municipality}/audit"
        name = town.name if town else municipality
        known = (file, pot, name, project or "Ihr Projekt", address, await self._seal(municipality))
        if isinstance(told, DecisionRevoked):
            return await self._press.pdf(REVOCATION, revocation(*known, told.proposal_id), now)
        return await self._press.pdf(TEMPLATE, letter(*known), now)

    async def _seal(self, municipality: str) -> Seal | None:
        try:
            return await self._site.signer.seal(municipality)
        except Diverged:  # nothing more is signed, and soon nothing more written
            return None


def _due(file: Dossier, told: DecisionConfirmed | DecisionRevoked) -> bool:
    """Whether this still has to be told: a decision that was revoked before anybody heard of it has not."""
    if isinstance(told, DecisionRevoked):
        return not file.file.revocations[told.proposal_id]
    standing = file.decision()
    return standing is not None and standing.decision_id == told.decision_id and not standing.letter_id
