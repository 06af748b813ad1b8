"""Issues the letter of every decision: written from the log, kept by its digest, recorded by the service itself."""

from collections.abc import Sequence
from datetime import UTC, datetime

from services.funding.adapters.papers import Papers
from services.funding.books import books
from services.funding.domain.impartiality import SERVICE
from services.funding.domain.verdict import DecisionConfirmed, IssueLetter
from services.funding.filing import dossier
from services.funding.letter import letter
from shared.decider import Rejected
from shared.ids import following
from shared.message import Context
from shared.municipalities import municipality as described
from shared.service import Service
from shared.store import CommandReused, Recorded


class Letters:
    """Follows the log: a decision that stands without a letter gets one."""

    def __init__(self, service: Service, papers: Papers) -> None:
        self._service = service
        self._papers = papers

    async def __call__(self, municipality: str, recorded: Sequence[Recorded]) -> None:
        for one in recorded:
            if isinstance(one.event, DecisionConfirmed):
                await self._issue(municipality, one.id, one.event.decision_id)

    async def _issue(self, municipality: str, application: str, decision: str) -> None:
        file = await dossier(self._service, municipality, application)
        standing = file.decision()
        if standing is None or standing.decision_id != decision or standing.letter_id:
            return
        async with self._service.reading(municipality) as connection:
            town = await described(connection, municipality)
        pot = await books(self._service, municipality, file.started.pot_id)
        text = letter(file, pot, town.name if town else municipality)
        digest = await self._papers.keep(municipality, text.encode())
        id = following(decision, "letter")
        by = Context(by=SERVICE, municipality=municipality, at=datetime.now(UTC), command_id=id)
        try:
            await self._service.handle("application", application, IssueLetter(letter_id=id, digest=digest), by)
        except (Rejected, CommandReused):  # revoked meanwhile, or another replica has written it
            return
