"""The demo's funding pots, one a town: with a jury, with a corridor of amounts, with deadlines by amount."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from msgspec import Struct

from services.funding.domain.known_pots import nachbarschaftsfonds, stadtbezirk, zukunftsstadt_fonds
from services.funding.domain.pot import OpenCall, OpenPot, PotCommand, SetRules
from services.funding.domain.rules import PotRules
from shared.ids import following
from shared.message import Context
from shared.web.site import Site

_SEED: Final = "gemeinwerk-demo"


class Pot(Struct, frozen=True, kw_only=True):
    """A pot with its rules and the call that is open; `officer` opens it, `budget_cents` is put in at once."""

    officer: str
    title: str
    purpose: str
    source: str
    budget_cents: int
    rules: PotRules


_OPEN_SINCE, _OPEN_FOR = timedelta(days=50), timedelta(days=70)

POTS: Final = {
    "dresden": Pot(
        officer="Frank O.",
        title="Zukunftsstadt-Fonds",
        purpose="Für Projekte von Einwohner:innen, die Dresden nachhaltiger und gemeinschaftlicher machen.",
        source="Städtischer Haushalt, Zukunftsstadt Dresden",
        budget_cents=250_000_00,
        rules=zukunftsstadt_fonds(),
    ),
    "detmold": Pot(
        officer="Ralf W.",
        title="Nachbarschaftsfonds",
        purpose="Für Vorhaben aus den Ortsteilen, die Nachbarschaften zusammenbringen.",
        source="Städtischer Haushalt, Stadtentwicklung",
        budget_cents=60_000_00,
        rules=nachbarschaftsfonds(),
    ),
    "dortmund": Pot(
        officer="Ute G.",
        title="Stadtbezirksmittel",
        purpose="Für Projekte im Stadtbezirk. Je höher der Betrag, desto früher der letzte Tag.",
        source="Mittel der Bezirksvertretungen",
        budget_cents=120_000_00,
        rules=stadtbezirk(2027),
    ),
}


def pot_id(town: str) -> str:
    """The id of a town's pot in the demo, the same on every machine."""
    return following(_SEED, f"{town}/pot")


async def load(site: Site, town: str, people: Mapping[str, str]) -> None:
    """Opens the pot of `town` in the funding service; `people` are its pseudonyms by name. A second time, and in any
    other town, nothing happens."""
    if (pot := POTS.get(town)) is None:
        return
    id = pot_id(town)
    opened = OpenPot(
        pot_id=id,
        title=pot.title,
        purpose=pot.purpose,
        source=pot.source,
        year=2027,
        budget_cents=pot.budget_cents,
    )
    today = site.clock().date()
    opens, closes = today - _OPEN_SINCE, today + _OPEN_FOR
    call = OpenCall(call_id=following(id, "call"), opens=opens.isoformat(), closes=closes.isoformat())
    commands: list[PotCommand] = [opened, SetRules(version=1, rules=pot.rules), call]
    for number, command in enumerate(commands):
        by = Context(by=people[pot.officer], municipality=town, at=site.clock(), command_id=following(id, number))
        await site.service.handle("pot", id, command, by)
