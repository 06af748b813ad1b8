"""The replay of one application: an event, the state it led to, what was in force, and who had seen it by then."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, get_args

from msgspec import Struct

from services.funding.books import Books, books
from services.funding.desk.actors import Actors, office_named, office_of
from services.funding.desk.links import proof_url, town_of
from services.funding.desk.notes import Notes, inner_notes, notes
from services.funding.desk.standing import Line, lines
from services.funding.desk.strip import Strip, strip
from services.funding.domain.application import Unstarted
from services.funding.domain.verdict import DecisionConfirmed
from services.funding.dossier import Dossier
from services.funding.looking import OFFICE
from services.funding.replay import Moment, Stage
from services.funding.shown.words import project_titles, said
from services.funding.views.looks import looks_at
from services.funding.views.revisions import revisions_of
from shared.audit.intact import intact
from shared.web.render import BERLIN
from shared.web.visit import Visit

_STAGES: tuple[Stage, ...] = get_args(Stage)


class Step(Struct, frozen=True, kw_only=True):
    """An event on the list of all; `when` is its moment in few signs."""

    number: int
    at: datetime
    when: str
    title: str
    by: str
    moment: Moment


class Seen(Struct, frozen=True):
    """Somebody in office saw the file; `how` is the code of its words."""

    by: str
    how: str
    at: datetime


class Force(Struct, frozen=True, kw_only=True):
    """What was in force: the rules that the application is bound to, the pot's own by then, the plan's revision."""

    rules_version: int
    pot_version: int
    pot_id: str
    revision: str
    revision_url: str


class Focus(Struct, frozen=True, kw_only=True):
    """The step that is looked at; `seen` is None where the reader may not know who has looked."""

    step: Step
    on_behalf_of: str
    position: int
    leaf: str
    proof: str
    notes: Notes
    lines: list[Line]
    force: Force
    seen: list[Seen] | None


class Reader(Struct, frozen=True):
    """Whom the reader sees how. `inside`: she belongs to the file, by team, office, jury or audit; then `looks` are
    all looks at it."""

    actors: Actors
    inside: bool
    audits: bool
    looks: Sequence[Any]


async def replay_page(visit: Visit, file: Dossier, step: int | None) -> dict[str, Any]:
    """`step` counts from 1; one that there is not shows the last."""
    reader = await _reader(visit, file)
    steps = _steps(visit, file, reader.actors)
    number = step if step and 1 <= step <= len(steps) else len(steps)
    category = visit.site.service.categories["application"]
    deciding, _ = await category.state(file.id, town_of(visit), len(file.recorded))
    confirmed = [one.event.decision_id for one in file.recorded if isinstance(one.event, DecisionConfirmed)]
    titles = await project_titles(visit, file.started.project_id)
    return {
        "application_id": file.id,
        "project_id": file.started.project_id,
        "project_title": titles[file.started.project_id],
        "decision_id": confirmed[-1] if confirmed else None,
        "steps": steps,
        "focus": await _focus(visit, file, steps[number - 1], reader),
        "strip": _strip(visit, file.moments, number),
        "audits": reader.audits,
        "checked": file.state == deciding and intact(one.entry for one in file.recorded),
    }


async def _reader(visit: Visit, file: Dossier) -> Reader:
    standing = await visit.standing(file.started.project_id)
    of_team = standing.relation is not None or visit.person in file.file.team
    biased = visit.person in file.file.biased
    inside = of_team or (bool(OFFICE & standing.roles) and not biased)
    looks: Sequence[Any] = ()
    if inside:
        async with visit.site.service.reading(town_of(visit)) as connection:
            looks = await looks_at(connection, town_of(visit), "application", file.id)
    office, audits = None, "auditor" in standing.roles and not biased
    if audits:
        others = {one.entry.actor for one in file.recorded} | {row.person for row in looks}
        office = await visit.names(*sorted(others - file.file.team))
    actors = Actors(await visit.names(*sorted(file.file.team)), office)
    return Reader(actors, inside, audits, looks)


def _steps(visit: Visit, file: Dossier, actors: Actors) -> list[Step]:
    return [
        Step(
            number=number,
            at=one.entry.recorded_at,
            when=f"{one.entry.recorded_at.astimezone(BERLIN):%d.%m.%y, %H:%M}",
            title=said(visit, f"event.{type(moment.event).__name__}"),
            by=actors.label(one.entry.actor, office_of(moment.event)),
            moment=moment,
        )
        for number, (one, moment) in enumerate(zip(file.recorded, file.moments, strict=True), 1)
    ]


async def _focus(visit: Visit, file: Dossier, step: Step, reader: Reader) -> Focus:
    entry, moment = file.recorded[step.number - 1].entry, step.moment
    before = file.moments[step.number - 2] if step.number > 1 else None
    pot = await books(visit.site.service, town_of(visit), file.started.pot_id)
    async with visit.site.service.reading(town_of(visit)) as connection:
        rows = await revisions_of(connection, town_of(visit), file.started.project_id)
    revisions = {row.id: f"Fassung {row.number}" for row in rows}
    criteria = {criterion.key: criterion.title for criterion in file.started.criteria}
    return Focus(
        step=step,
        on_behalf_of=reader.actors.label(entry.on_behalf_of, "Förderstelle") if entry.on_behalf_of else "",
        position=entry.position,
        leaf=entry.leaf.hex(),
        proof=proof_url(town_of(visit), "funding", entry.position),
        notes=notes(visit, moment.event) + (inner_notes(moment.event, criteria) if reader.audits else []),
        lines=lines(visit, moment, before, revisions),
        force=_force(visit, file, pot, step, revisions),
        seen=_seen(file, step, reader) if reader.inside else None,
    )


def _force(visit: Visit, file: Dossier, pot: Books, step: Step, revisions: Mapping[str, str]) -> Force:
    state = step.moment.state
    pin = None if isinstance(state, Unstarted) else state.file.pin
    known = [one.version for one in pot.versions() if one.at <= step.at]
    plan = f"/{town_of(visit)}/plans/{file.started.project_id}"
    return Force(
        rules_version=step.moment.rules_version,
        pot_version=known[-1] if known else step.moment.rules_version,
        pot_id=file.started.pot_id,
        revision=revisions.get(pin.revision_id, "Fassung") if pin else "",
        revision_url=f"{plan}/history/{pin.revision_id}" if pin else "",
    )


def _seen(file: Dossier, step: Step, reader: Reader) -> list[Seen]:
    """The looks at the state after this event: until the next one was there."""
    version = file.recorded[step.number - 1].entry.version
    return [
        Seen(reader.actors.label(row.person, office_named(row.offices.split())), f"look.{row.how}", row.at)
        for row in reader.looks
        if row.version == version
    ]


def _strip(visit: Visit, moments: Sequence[Moment], number: int) -> Strip:
    names = {stage: said(visit, f"stage.{stage}") for stage in _STAGES}
    here = moments[number - 1]
    label = f"Schritt {number} von {len(moments)}: {names[here.stage]}"
    return strip(moments, number, names, label)
