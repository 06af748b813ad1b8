"""A need says what a project lacks, until somebody's offer fulfils it."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct
from msgspec.structs import replace

from shared.decider import Decider, Rejected, nothing_new
from shared.message import Command, Context, Event

Kind: TypeAlias = Literal["skill", "hands", "room", "thing", "money", "contact", "publicity"]
What: TypeAlias = Annotated[str, Meta(min_length=3, max_length=200)]
Id: TypeAlias = Annotated[str, Meta(pattern=r"^[0-9a-f-]{36}$")]
Day: TypeAlias = Annotated[str, Meta(pattern=r"^\d{4}-\d\d-\d\d$")]


# Events: stored for ever.
class NeedPublished(Event):
    project: str
    kind: str
    what: str
    by_day: str | None = None


class OfferMade(Event):
    offer: str
    by: str


class OfferAccepted(Event):
    offer: str


class OfferWithdrawn(Event):
    offer: str


class NeedWithdrawn(Event):
    pass


NeedEvent: TypeAlias = NeedPublished | OfferMade | OfferAccepted | OfferWithdrawn | NeedWithdrawn


# State
class Unpublished(Struct, frozen=True): ...


class Open(Struct, frozen=True):
    project: str
    what: str
    offers: dict[str, str] = {}  # offer → person


class Fulfilled(Struct, frozen=True):
    project: str
    what: str
    offer: str


class Withdrawn(Struct, frozen=True):
    project: str


Need: TypeAlias = Unpublished | Open | Fulfilled | Withdrawn


def evolve(state: Need, event: NeedEvent) -> Need:
    match state, event:
        case Unpublished(), NeedPublished(project=project, what=what):
            return Open(project, what)
        case Open(offers=offers), OfferMade(offer=offer, by=person):
            return replace(state, offers=offers | {offer: person})
        case Open(project=project, what=what), OfferAccepted(offer=offer):
            return Fulfilled(project, what, offer)
        case Open(offers=offers), OfferWithdrawn(offer=offer):
            return replace(state, offers={o: p for o, p in offers.items() if o != offer})
        case Open(project=project), NeedWithdrawn():
            return Withdrawn(project)
    return state


# Decisions
class PublishNeed(Command):
    project: Id
    kind: Kind
    what: What
    by_day: Day | None = None


class MakeOffer(Command):
    offer: Id


class AcceptOffer(Command):
    offer: Id


class WithdrawOffer(Command):
    offer: Id


class WithdrawNeed(Command):
    pass


NeedCommand: TypeAlias = PublishNeed | MakeOffer | AcceptOffer | WithdrawOffer | WithdrawNeed


def decide(command: NeedCommand, state: Need, context: Context) -> list[Event]:
    match command, state:
        case PublishNeed(what=what), Open(what=known) | Fulfilled(what=known) if what == known:
            return []
        case MakeOffer(offer=offer), Open(offers=offers) if offer in offers:
            return []
        case AcceptOffer(offer=offer), Fulfilled(offer=accepted) if offer == accepted:
            return []
        case WithdrawNeed(), Withdrawn():
            return []
        case PublishNeed(project=project, kind=kind, what=what, by_day=day), Unpublished():
            return [NeedPublished(project=project, kind=kind, what=what, by_day=day)]
        case MakeOffer(offer=offer), Open(offers=offers):
            return [] if context.by in offers.values() else [OfferMade(offer=offer, by=context.by)]
        case AcceptOffer(offer=offer), Open(offers=offers) if offer in offers:
            return [OfferAccepted(offer=offer)]
        case AcceptOffer(offer=offer), Open():
            raise Rejected("no_such_offer", offer=offer)
        case WithdrawOffer(offer=offer), Open(offers=offers):
            return _withdrawn(offer, offers, context)
        case WithdrawNeed(), Open():
            return [NeedWithdrawn()]
    raise nothing_new(command, state)


def _withdrawn(offer: str, offers: dict[str, str], context: Context) -> list[Event]:
    """Only who made an offer may take it back."""
    if offer not in offers:
        return []
    if offers[offer] != context.by:
        raise Rejected("not_your_offer")
    return [OfferWithdrawn(offer=offer)]


def project_of(_id: str, state: Need) -> str | None:
    return None if isinstance(state, Unpublished) else state.project


need: Decider[Need] = Decider("need", NeedEvent, NeedCommand, Unpublished(), decide, evolve, project=project_of)
