"""The decisions of a period: filtered, summed up, and as a table to take away."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from msgspec import Struct

from services.funding.adapters.tables import Euro, Table
from services.funding.desk.links import proof_url, town_of
from services.funding.domain.application import ApplicationSubmitted, ReviewRecorded, RevisionPinned
from services.funding.dossier import Dossier
from services.funding.filing import dossier
from services.funding.shown.words import project_titles, said
from services.funding.views.applications import decided
from services.funding.views.pots import all_pots
from shared.category import NotFound
from shared.web.forms import Fault, Invalid
from shared.web.render import BERLIN
from shared.web.visit import Visit


class Filter(Struct, frozen=True, kw_only=True):
    """As in the address: days ISO, "" for no limit; pot and outcome as on the list of all decisions."""

    since: str = ""
    until: str = ""
    pot: str = ""
    outcome: str = ""

    @property
    def words(self) -> str:
        """For a look and for a file's name: `2026-01-01_2026-12-31`."""
        return f"{self.since or 'anfang'}_{self.until or 'heute'}"


class Ruling(Struct, frozen=True, kw_only=True):
    """A decision with what led to it; amounts in cents, `days` from submission to decision."""

    decision_id: str
    application_id: str
    project_id: str
    title: str
    pot_title: str
    outcome: str
    asked_cents: int
    amount_cents: int
    paid_cents: int
    submitted: datetime
    at: datetime
    days: int
    reviews: int
    rules_version: int
    digest: str
    proposed_by: str
    confirmed_by: str
    revoked: datetime | None
    position: int
    leaf: str


class Figures(Struct, frozen=True, kw_only=True):
    """Sums leave out what was revoked; `days` is the median, None without decisions."""

    count: int
    granted: int
    partly: int
    rejected: int
    revoked: int
    asked_cents: int
    amount_cents: int
    days: int | None


async def rulings(visit: Visit, chosen: Filter) -> list[Ruling]:
    """The decisions that fit, newest first. Raises `Invalid` for what is no day."""
    since, until = _day("since", chosen.since), _day("until", chosen.until)
    async with visit.site.service.reading(town_of(visit)) as connection:
        rows = await decided(connection, town_of(visit), pot=chosen.pot, outcome=chosen.outcome)
        pots = {row.id: row.title for row in await all_pots(connection, town_of(visit))}
    fitting = [row for row in rows if _within(row.at, since, until)]
    titles = await project_titles(visit, *(row.project for row in fitting))
    files = {row.application: await _file(visit, row.application) for row in fitting}
    return [_ruling(row, files[row.application], titles[row.project], pots[row.pot]) for row in fitting]


def _day(name: str, text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid({name: Fault("wrong_form")}) from None


def _within(at: datetime, since: date | None, until: date | None) -> bool:
    day = at.astimezone(BERLIN).date()
    return (since is None or since <= day) and (until is None or day <= until)


async def _file(visit: Visit, application: str) -> Dossier:
    return await dossier(visit.site.service, town_of(visit), application)


def _ruling(row: Any, file: Dossier, title: str, pot_title: str) -> Ruling:
    found = file.verdict(row.id)
    if found is None:
        raise NotFound(row.id)
    confirmed, _ = found
    place = next(number for number, one in enumerate(file.recorded) if one.event is confirmed)
    before, entry = file.recorded[: place + 1], file.recorded[place].entry
    submitted = next(one.entry.recorded_at for one in before if isinstance(one.event, ApplicationSubmitted))
    pin = next(one.event for one in reversed(before) if isinstance(one.event, RevisionPinned))
    revoked = file.revoked(row.id)
    return Ruling(
        decision_id=row.id,
        application_id=file.id,
        project_id=file.started.project_id,
        title=title,
        pot_title=pot_title,
        outcome=confirmed.outcome,
        asked_cents=pin.amount_cents,
        amount_cents=confirmed.amount_cents,
        paid_cents=file.moments[-1].paid_cents if revoked is None else 0,
        submitted=submitted,
        at=entry.recorded_at,
        days=(entry.recorded_at - submitted) // timedelta(days=1),
        reviews=sum(isinstance(one.event, ReviewRecorded) for one in before),
        rules_version=file.started.rules_version,
        digest=pin.digest,
        proposed_by=confirmed.proposed_by,
        confirmed_by=confirmed.by,
        revoked=file.at(revoked) if revoked else None,
        position=entry.position,
        leaf=entry.leaf.hex(),
    )


def figures(made: Sequence[Ruling]) -> Figures:
    standing = [one for one in made if one.revoked is None]
    of = {outcome: sum(one.outcome == outcome for one in made) for outcome in ("granted", "partly", "rejected")}
    return Figures(
        count=len(made),
        **of,
        revoked=len(made) - len(standing),
        asked_cents=sum(one.asked_cents for one in standing),
        amount_cents=sum(one.amount_cents for one in standing),
        days=int(median(one.days for one in made)) if made else None,
    )


_HEADS = (
    "Projekt", "Topf", "Ergebnis", "Beantragt", "Bewilligt", "Ausgezahlt", "Eingereicht", "Entschieden", "Tage",
    "Gutachten", "Regeln, Fassung", "Widerrufen", "Vorgeschlagen von", "Bestätigt von", "Entscheidung", "Antrag",
    "Prüfsumme des Plans", "Eintrag", "Prüfsumme des Eintrags", "Nachweis",
)  # fmt: skip


def table(visit: Visit, made: Sequence[Ruling], chosen: Filter) -> Table:
    """People stand in it by pseudonym: the file may travel further than their names should."""
    rows = [
        (
            one.title, one.pot_title, said(visit, f"outcome.{one.outcome}"), Euro(one.asked_cents),
            Euro(one.amount_cents), Euro(one.paid_cents), one.submitted, one.at, one.days, one.reviews,
            one.rules_version, one.revoked, one.proposed_by, one.confirmed_by, one.decision_id, one.application_id,
            one.digest, one.position, one.leaf,
            visit.site.settings.public_url + proof_url(town_of(visit), "funding", one.position),
        )
        for one in made
    ]  # fmt: skip
    return Table(f"Entscheidungen {chosen.words}", _HEADS, rows)
