"""A team asks a pot for money: one decision over the application and its pot, one append.

Submitting reserves nothing: a pot may be asked for more than it holds (see decision.py).
"""

from typing import TypeAlias

from services.funding.domain.application import (
    Application,
    ApplicationStarted,
    ApplicationSubmitted,
    ApplicationWithdrawn,
    Draft,
    File,
    Proposed,
    Submitted,
    Unstarted,
    Withdrawn,
)
from services.funding.domain.balance import ReservationReleased
from services.funding.domain.filing import application
from services.funding.domain.impartiality import by_the_team
from services.funding.domain.pot import ApplicationGone, ApplicationReceived, Closed, Open, Pot, pot
from services.funding.domain.readiness import ready
from services.funding.domain.rules import Applicant, day_of
from shared.decider import JointDecider, Rejected, nothing_new
from shared.message import Command, Context, Event

STREAMS = (application, pot)
APPLICATION, POT = 0, 1
Joint: TypeAlias = list[tuple[int, Event]]


class StartApplication(Command):
    application_id: str
    project_id: str
    pot_id: str
    applicant: Applicant
    rules_version: int


class SubmitApplication(Command): ...


class WithdrawApplication(Command): ...


ApplyingCommand: TypeAlias = StartApplication | SubmitApplication | WithdrawApplication


def decide(command: ApplyingCommand, states: tuple[Application, Pot], context: Context) -> Joint:
    """Events as (stream, event) with stream 0 the application and 1 its pot; no events for a retry."""
    state, pot = states
    if not isinstance(pot, Open):
        raise Rejected("pot_not_open")
    if isinstance(command, StartApplication):
        return _start(command, state, pot, context)
    if isinstance(state, Unstarted):
        raise nothing_new(command, state)
    of_its_pot(state.file, pot)
    by_the_team(state.file, context)
    return _submit(state, pot, context) if isinstance(command, SubmitApplication) else _withdraw(state, pot, context)


def of_its_pot(file: File, pot: Open) -> None:
    if pot.pot_id != file.pot_id:
        raise Rejected("other_pot")


def _start(command: StartApplication, state: Application, pot: Open, context: Context) -> Joint:
    if not isinstance(state, Unstarted):
        if state.file.application_id == command.application_id:
            return []
        raise nothing_new(command, state)
    if isinstance(pot, Closed):
        raise Rejected("pot_closed")
    if pot.pot_id != command.pot_id:
        raise Rejected("other_pot")
    if pot.rules is None or command.rules_version != pot.rules_version:
        raise Rejected("rules_outdated", version=pot.rules_version)
    if pot.rules.applicants and command.applicant not in pot.rules.applicants:
        raise Rejected("applicant_not_eligible")
    criteria, reviews = pot.rules.criteria, pot.rules.reviews_needed
    fields = {name: getattr(command, name) for name in command.__struct_fields__}
    started = ApplicationStarted(criteria=criteria, reviews_needed=reviews, by=context.by, **fields)
    return [(APPLICATION, started)]


def _submit(state: Application, pot: Open, context: Context) -> Joint:
    if isinstance(state, Submitted):
        return []
    if not isinstance(state, Draft):
        raise nothing_new(SubmitApplication(), state)
    pin, call, today = ready(state.file), pot.call, day_of(context.at)
    if call is None:
        raise Rejected("no_open_call")
    if not call.opens <= today <= call.closes:
        raise Rejected("outside_the_call", opens=call.opens, closes=call.closes)
    if pin.until and today > pin.until:
        raise Rejected("deadline_missed", until=pin.until)
    if pot.received.get(state.file.project_id, state.file.application_id) != state.file.application_id:
        raise Rejected("project_has_applied")
    return [(APPLICATION, ApplicationSubmitted(call_id=call.call_id, by=context.by)), *_received(state.file)]


def _received(file: File) -> Joint:
    received = ApplicationReceived(application_id=file.application_id, project_id=file.project_id)
    return [(POT, received)]


def _withdraw(state: Application, pot: Open, context: Context) -> Joint:
    withdrawn: Joint = [(APPLICATION, ApplicationWithdrawn(by=context.by))]
    match state:
        case Withdrawn():
            return []
        case Draft():
            return withdrawn
        case Submitted(file=file):
            return withdrawn + _gone(file, pot)
        case Proposed(decision=None, file=file):
            return withdrawn + released(state) + _gone(file, pot)
    raise Rejected("decided_already")


def _gone(file: File, pot: Open) -> Joint:
    application, project = file.application_id, file.project_id
    if pot.received.get(project) != application:
        return []
    return [(POT, ApplicationGone(application_id=application, project_id=project))]


def released(state: Proposed) -> Joint:
    application, cents = state.file.application_id, state.proposal.amount
    return [(POT, ReservationReleased(application_id=application, amount_cents=cents))] if cents else []


applying = JointDecider(STREAMS, ApplyingCommand, decide)
