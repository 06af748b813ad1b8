"""The state of an application in labelled lines, and which of them an event has changed."""

from collections.abc import Mapping

from msgspec import Struct

from services.funding.domain.application import Decided, File, Proposed, Unstarted
from services.funding.domain.grant import Grant
from services.funding.replay import Moment
from services.funding.shown.words import said
from shared.money import format_euro
from shared.web.visit import Visit


class Line(Struct, frozen=True):
    """`was` is what stood there before the event, None where nothing has changed."""

    label: str
    value: str
    was: str | None = None


def lines(visit: Visit, moment: Moment, before: Moment | None, revisions: Mapping[str, str]) -> list[Line]:
    """`revisions`: names by id."""
    now = _values(visit, moment, revisions)
    then = _values(visit, before, revisions) if before else {}
    return [Line(label, value, _was(then.get(label, "–"), value)) for label, value in now.items()]


def _was(before: str, now: str) -> str | None:
    return None if before == now else before


def _values(visit: Visit, moment: Moment, revisions: Mapping[str, str]) -> dict[str, str]:
    state = moment.state
    values = {"Stand": said(visit, f"stage.{moment.stage}")}
    if isinstance(state, Unstarted):
        return values
    values |= _of_file(state.file, revisions)
    if isinstance(state, Proposed):
        outcome = state.proposal.outcome
        words = f"{said(visit, f'outcome.{outcome}')}, {format_euro(state.proposal.amount)}" if outcome else "Widerruf"
        values["Vorschlag"] = words
    decision = state.decision if isinstance(state, Decided | Proposed) else None
    if decision:
        values["Entschieden"] = said(visit, f"outcome.{decision.outcome}")
        values["Bewilligt"] = format_euro(decision.amount)
        values |= _of_grant(decision.grant) if decision.grant else {}
    return values


def _of_file(file: File, revisions: Mapping[str, str]) -> dict[str, str]:
    values = {"Regeln": f"Fassung {file.rules_version}", "Team": _people(len(file.team))}
    if file.pin:
        values["Plan"] = revisions.get(file.pin.revision_id, "Fassung")
        values["Beantragt"] = format_euro(file.pin.amount)
        values["Offene Regeln"] = str(len(file.pin.failing))
    if file.attachments:
        values["Anlagen"] = str(len(file.attachments))
    if file.reviews or file.formal == "complete":
        values["Gutachten, die zählen"] = f"{len(file.reviews)} von {file.reviews_awaited}"
    if file.biased:
        values["Befangen"] = _people(len(file.biased))
    return values


def _of_grant(grant: Grant) -> dict[str, str]:
    values = {"Angenommen": "ja" if grant.accepted else "noch nicht"}
    if grant.open_conditions or grant.fulfilled:
        values["Bedingungen offen"] = str(len(grant.open_conditions))
    if grant.paid:
        values["Ausgezahlt"] = format_euro(grant.paid)
        values["Raten"] = str(len(grant.payments))
    if grant.due or grant.returned:
        values["Zurückzuzahlen"] = format_euro(grant.due)
        values["Zurückgezahlt"] = format_euro(grant.returned)
    return values


def _people(count: int) -> str:
    return "1 Person" if count == 1 else f"{count} Personen"
