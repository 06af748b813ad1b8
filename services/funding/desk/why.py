"""Why a euro moved: from a line of the ledger to the decision, its reviews, the rules, the revision and its lines."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from services.funding.books import books
from services.funding.desk.actors import Actors, office_of
from services.funding.desk.links import proof_url, town_of
from services.funding.desk.notes import Notes, inner_notes, notes
from services.funding.domain.application import ReviewRecorded, RevisionPinned
from services.funding.domain.checks import Finding, with_papers
from services.funding.domain.verdict import DecisionConfirmed, DecisionProposed
from services.funding.dossier import Dossier
from services.funding.filing import dossier
from services.funding.ledger import Posting, posting
from services.funding.shown.words import project_titles, said
from services.funding.views.revisions import finance_of, revision
from shared.category import NotFound
from shared.contracts.plan import CostLine
from shared.store import Recorded
from shared.web.visit import Visit

_NEAR = 5  # entries: what one command has appended lies together


class Link(Struct, frozen=True, kw_only=True):
    """One entry of the chain; `url` shows it among its neighbours."""

    title: str
    at: datetime
    by: str
    notes: Notes
    url: str
    proof: str


class Cost(Struct, frozen=True):
    """A cost line of the revision; `url` shows who edited it."""

    name: str
    line: CostLine
    url: str


class Plan(Struct, frozen=True, kw_only=True):
    name: str
    url: str
    digest: str
    costs: list[Cost]


async def why(visit: Visit, position: int) -> dict[str, Any]:
    """The chain behind the posting at a position of funding's log. Raises `NotFound` where there is none."""
    town = town_of(visit)
    moved, made = await _posting(visit, position)
    pot = await books(visit.site.service, town, moved.id)
    context = {
        "position": position,
        "posting": made,
        "at": moved.entry.recorded_at,
        "happened": said(visit, f"event.{type(moved.event).__name__}"),
        "proof": proof_url(town, "funding", position),
        "pot": pot,
        "pot_id": moved.id,
        "project_title": "",
    }
    if made.application_id is None:
        return context | {"file": None}
    file = await dossier(visit.site.service, town, made.application_id)
    if visit.person in file.file.biased:
        raise NotFound(position)
    titles = await project_titles(visit, file.started.project_id)
    known = [one for one in file.recorded if one.entry.position <= position + _NEAR]
    return (
        context
        | {"file": file, "project_title": titles[file.started.project_id]}
        | await _chain(visit, file, known, moved)
    )


async def _posting(visit: Visit, position: int) -> tuple[Recorded, Posting]:
    service = visit.site.service
    if not 1 <= position < 2**53:
        raise NotFound(position)
    for entry in await service.store.entries(town_of(visit), position - 1, 1):
        recorded = service.codec.recorded(entry)
        made = posting(recorded.event) if recorded.event else None  # type: ignore[arg-type]
        if made and entry.position == position and entry.stream.startswith("pot-"):
            return recorded, made
    raise NotFound(position)


async def _chain(visit: Visit, file: Dossier, known: Sequence[Recorded], moved: Recorded) -> dict[str, Any]:
    people = {one.entry.actor for one in known} - file.file.team
    actors = Actors(await visit.names(*sorted(file.file.team)), await visit.names(*sorted(people)))

    def link(one: Recorded) -> Link:
        event: Any = one.event
        criteria = {criterion.key: criterion.title for criterion in file.started.criteria}
        number = file.recorded.index(one) + 1
        return Link(
            title=said(visit, f"event.{type(event).__name__}"),
            at=one.entry.recorded_at,
            by=actors.label(one.entry.actor, office_of(event)),
            notes=notes(visit, event) + inner_notes(event, criteria),
            url=f"/{town_of(visit)}/funding/applications/{file.id}/history?step={number}",
            proof=proof_url(town_of(visit), "funding", one.entry.position),
        )

    act = _act(known, moved)
    proposed, confirmed = _last(known, DecisionProposed), _last(known, DecisionConfirmed)
    pin = _last(known, RevisionPinned)
    event = pin.event if pin else None
    return {
        "act": link(act) if act and act not in (proposed, confirmed) else None,
        "decided": [link(one) for one in (confirmed, proposed) if one],
        "decision_id": confirmed.event.decision_id if confirmed else None,  # type: ignore[union-attr]
        "reviews": [link(one) for one in known if isinstance(one.event, ReviewRecorded)],
        "pin": link(pin) if pin else None,
        "findings": _findings(file, event),
        "plan": await _plan(visit, file, event) if isinstance(event, RevisionPinned) else None,
    }


def _act(known: Sequence[Recorded], moved: Recorded) -> Recorded | None:
    """What the same command did to the application: it lies beside the posting, by the same hand."""
    near = [
        one
        for one in known
        if abs(one.entry.position - moved.entry.position) <= _NEAR and one.entry.actor == moved.entry.actor
    ]
    return min(near, key=lambda one: abs(one.entry.position - moved.entry.position), default=None)


def _last(known: Sequence[Recorded], kind: type) -> Recorded | None:
    return next((one for one in reversed(known) if isinstance(one.event, kind)), None)


def _findings(file: Dossier, event: object) -> list[Finding]:
    there = set(file.file.attachments.values())
    return with_papers(event.findings, there) if isinstance(event, RevisionPinned) else []


async def _plan(visit: Visit, file: Dossier, pin: RevisionPinned) -> Plan:
    town = town_of(visit)
    async with visit.site.service.reading(town) as connection:
        row = await revision(connection, town, pin.revision_id)
    plan = f"/{town}/plans/{file.started.project_id}"
    costs = finance_of(row).costs if row else []
    return Plan(
        name=f"Fassung {row.number}" if row else "Fassung",
        url=f"{plan}/history/{pin.revision_id}",
        digest=pin.digest,
        costs=[Cost(f"K{number}", line, f"{plan}/lines/{line.id}") for number, line in enumerate(costs, 1)],
    )
