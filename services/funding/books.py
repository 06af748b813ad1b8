"""A pot as pages read it: folded from its events, with its words, its ledger and every version of its rules."""

from collections.abc import Sequence
from datetime import date, datetime

from msgspec import Struct

from services.funding.domain.pot import Call, Closed, Open, PotOpened, RulesSet, pot
from services.funding.domain.rules import PotRules
from services.funding.ledger import Ledger, ledger
from shared.category import NotFound
from shared.service import Service
from shared.store import Recorded


class Version(Struct, frozen=True):
    version: int
    at: datetime


class Books:
    """Everything about one pot. `recorded` is its whole stream, at least the event that opened it."""

    def __init__(self, recorded: Sequence[Recorded]) -> None:
        self.recorded = [one for one in recorded if one.event is not None]
        opened = self.recorded[0].event
        assert isinstance(opened, PotOpened)
        self.opened = opened
        state = pot.replay(one.event for one in self.recorded if one.event)
        assert isinstance(state, Open)
        self.state: Open = state

    @property
    def closed(self) -> bool:
        return isinstance(self.state, Closed)

    @property
    def call(self) -> Call | None:
        return self.state.call

    @property
    def title(self) -> str:
        return f"{self.opened.title} {self.state.year}"

    def takes_applications(self, today: date) -> bool:
        return self.call is not None and self.call.opens <= today.isoformat() <= self.call.closes

    def rules(self, version: int) -> PotRules:
        """The rules in one version. Raises `NotFound`."""
        for one in self.recorded:
            if isinstance(one.event, RulesSet) and one.event.version == version:
                return one.event.rules
        raise NotFound(f"rules {version}")

    def versions(self) -> list[Version]:
        return [
            Version(one.event.version, one.entry.recorded_at)
            for one in self.recorded
            if isinstance(one.event, RulesSet)
        ]

    def ledger(self) -> Ledger:
        return ledger(one.event for one in self.recorded)  # type: ignore[misc]


async def books(service: Service, municipality: str, id: str) -> Books:
    """The books of a pot. Raises `NotFound`."""
    recorded = await service.history(municipality, f"pot-{id}")
    if not recorded:
        raise NotFound(id)
    return Books(recorded)
