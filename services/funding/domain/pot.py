"""A pot holds money for a purpose; its own state refuses what it cannot pay."""

from typing import Annotated, TypeAlias

from msgspec import Meta, Struct
from msgspec.structs import replace

from services.funding.domain.balance import Balance, MoneyAdded, MoneyEvent, ReturnsReallotted, moved, positive
from services.funding.domain.rules import PotRules, Title, flaw
from services.funding.domain.year import CloseYear, YearClosed, close_year
from shared.contracts.plan import Cents, Day
from shared.decider import Decider, Rejected, nothing_new
from shared.message import Command, Context, Event


# Events: stored for ever. Add optional fields; never rename, retype or remove.
class PotOpened(Event):
    pot_id: str
    title: str
    purpose: str
    source: str
    year: int
    budget_cents: int


class RulesSet(Event):
    version: int
    rules: PotRules


class CallOpened(Event):
    call_id: str
    opens: str
    closes: str


class CallClosed(Event):
    call_id: str


class ApplicationReceived(Event):
    """A project asks once a call; see applying.py."""

    application_id: str
    project_id: str


class ApplicationGone(Event):
    application_id: str
    project_id: str


class PotClosed(Event): ...


PotEvent: TypeAlias = (
    PotOpened | RulesSet | CallOpened | CallClosed | ApplicationReceived | ApplicationGone | MoneyEvent | YearClosed
    | PotClosed
)  # fmt: skip


# State: totals only; who holds which part is known to the applications.
class Call(Struct, frozen=True):
    call_id: str
    opens: str
    closes: str


class Unopened(Struct, frozen=True): ...


class Open(Struct, frozen=True):
    pot_id: str
    balance: Balance
    rules_version: int = 0
    rules: PotRules | None = None
    call: Call | None = None
    last_call: str = ""
    received: dict[str, str] = {}  # project → application, of the last call only
    year: int = 0
    closing_id: str = ""  # the year's closing that was made last


class Closed(Open, frozen=True):
    """Gives nothing new; what is committed is still paid out."""


Pot: TypeAlias = Unopened | Open | Closed


def evolve(state: Pot, event: PotEvent) -> Pot:
    if isinstance(event, PotOpened):
        return Open(event.pot_id, Balance(available=event.budget_cents), year=event.year)
    if isinstance(state, Unopened):
        return state
    match event:
        case RulesSet(version=version, rules=rules):
            return replace(state, rules_version=version, rules=rules)
        case CallOpened(call_id=call, opens=opens, closes=closes):
            return replace(state, call=Call(call, opens, closes), received={})
        case CallClosed(call_id=call):
            return replace(state, call=None, last_call=call)
        case ApplicationReceived(application_id=application, project_id=project):
            return replace(state, received=state.received | {project: application})
        case ApplicationGone(project_id=project):
            return replace(state, received={key: one for key, one in state.received.items() if key != project})
        case YearClosed(year=year, closing_id=closing):
            return replace(state, year=year + 1, closing_id=closing)
        case PotClosed():
            return Closed(**{field: getattr(state, field) for field in state.__struct_fields__})
    return replace(state, balance=moved(state.balance, event))


# Decisions: a repeated command decides nothing new.
class OpenPot(Command):
    pot_id: str
    title: Title
    purpose: Title
    source: Title
    year: Annotated[int, Meta(ge=2000, le=2200)]
    budget_cents: Cents


class SetRules(Command):
    """Replaces version n by n + 1; `version` is the number of the new one."""

    version: int
    rules: PotRules


class OpenCall(Command):
    call_id: str
    opens: Day
    closes: Day


class CloseCall(Command):
    call_id: str


class AddMoney(Command):
    addition_id: str
    amount_cents: Cents
    source: Title


class ReallotReturns(Command):
    reallotment_id: str
    amount_cents: Cents


class ClosePot(Command): ...


PotCommand: TypeAlias = OpenPot | SetRules | OpenCall | CloseCall | AddMoney | ReallotReturns | CloseYear | ClosePot


def decide(command: PotCommand, state: Pot, context: Context) -> list[Event]:
    match command, state:
        case OpenPot(), Unopened():
            fields = {name: getattr(command, name) for name in command.__struct_fields__}
            return [PotOpened(**fields)]
        case OpenPot(pot_id=pot), Open(pot_id=known) if pot == known:
            return []
        case ClosePot(), Closed():
            return []
        case CloseCall(call_id=call), Open(last_call=last) if call == last:
            return []
        case AddMoney(addition_id=new) | ReallotReturns(reallotment_id=new), Open() if new in state.balance.fillings:
            return []
        case CloseYear(), Open(year=year, closing_id=closing, balance=balance):
            return [] if command.closing_id == closing else close_year(command, year, balance, context)
        case _, Closed():
            raise Rejected("pot_closed")
        case ((SetRules() | OpenCall() | CloseCall()), Open()):
            return _terms(command, state)
        case ((AddMoney() | ReallotReturns() | ClosePot()), Open()):
            return _money(command, state)
    raise nothing_new(command, state)


def _terms(command: SetRules | OpenCall | CloseCall, pot: Open) -> list[Event]:
    match command:
        case SetRules(version=version, rules=rules):
            if version == pot.rules_version and rules == pot.rules:
                return []
            if version != pot.rules_version + 1:
                raise Rejected("rules_version_taken", version=pot.rules_version)
            if code := flaw(rules):
                raise Rejected(code)
            return [RulesSet(version=version, rules=rules)]
        case OpenCall(call_id=call, opens=opens, closes=closes):
            if pot.call == Call(call, opens, closes):
                return []
            if pot.call:
                raise Rejected("call_open_already", closes=pot.call.closes)
            if pot.rules is None:
                raise Rejected("no_rules_yet")
            if closes < opens:
                raise Rejected("call_ends_before_it_opens", opens=opens, closes=closes)
            return [CallOpened(call_id=call, opens=opens, closes=closes)]
        case CloseCall(call_id=call) if pot.call and pot.call.call_id == call:
            return [CallClosed(call_id=call)]
    raise Rejected("no_open_call")


def _money(command: AddMoney | ReallotReturns | ClosePot, pot: Open) -> list[Event]:
    match command:
        case ClosePot():
            if pot.balance.reserved:
                raise Rejected("money_still_reserved", reserved_cents=pot.balance.reserved)
            return ([CallClosed(call_id=pot.call.call_id)] if pot.call else []) + [PotClosed()]
        case AddMoney(addition_id=addition, amount_cents=cents, source=source):
            positive(cents)
            return [MoneyAdded(addition_id=addition, amount_cents=cents, source=source)]
        case ReallotReturns(reallotment_id=reallotment, amount_cents=cents):
            if positive(cents) > pot.balance.returned:
                raise Rejected("beyond_returns", wanted_cents=cents, returned_cents=pot.balance.returned)
            return [ReturnsReallotted(reallotment_id=reallotment, amount_cents=cents)]


pot: Decider[Pot] = Decider("pot", PotEvent, PotCommand, Unopened(), decide, evolve)
