"""A team: who carries a project, who asks to join, who is invited. The last lead cannot leave without hand-over."""

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct
from msgspec.structs import replace

from services.marketplace.domain.project import own_project
from shared.decider import Decider, Rejected, nothing_new
from shared.message import Command, Context, Event

Role: TypeAlias = Literal["lead", "member", "spokesperson", "treasurer"]
Word: TypeAlias = Annotated[str, Meta(max_length=500)]
Person: TypeAlias = Annotated[str, Meta(min_length=1, max_length=64)]


# Events: stored for ever. A word to or from a person may hold names: it lives in the inbox, never in an event.
class TeamFounded(Event):
    lead: str


class JoinAsked(Event):
    person: str


class JoinDeclined(Event):
    person: str


class MemberInvited(Event):
    person: str


class InvitationDeclined(Event):
    person: str


class MemberJoined(Event):
    person: str
    role: str


class RoleGiven(Event):
    person: str
    role: str


class MemberLeft(Event):
    person: str


TeamEvent: TypeAlias = (
    TeamFounded | JoinAsked | JoinDeclined | MemberInvited | InvitationDeclined | MemberJoined | RoleGiven | MemberLeft
)


# State
class Team(Struct, frozen=True):
    members: dict[str, str] = {}  # person → role; empty before the team is founded
    asking: frozenset[str] = frozenset()
    invited: frozenset[str] = frozenset()

    @property
    def leads(self) -> set[str]:
        return {person for person, role in self.members.items() if role == "lead"}


def evolve(state: Team, event: TeamEvent) -> Team:
    match event:
        case TeamFounded(lead=lead):
            return Team(members={lead: "lead"})
        case JoinAsked(person=person):
            return replace(state, asking=state.asking | {person})
        case JoinDeclined(person=person):
            return replace(state, asking=state.asking - {person})
        case MemberInvited(person=person):
            return replace(state, invited=state.invited | {person})
        case InvitationDeclined(person=person):
            return replace(state, invited=state.invited - {person})
        case MemberJoined(person=person, role=role):
            return Team(state.members | {person: role}, state.asking - {person}, state.invited - {person})
        case RoleGiven(person=person, role=role):
            return replace(state, members=state.members | {person: role})
        case MemberLeft(person=person):
            return replace(state, members={p: role for p, role in state.members.items() if p != person})


# Decisions
class FoundTeam(Command):
    """Follows from a project's proposal."""

    lead: Person


class AskToJoin(Command):
    pass


class AcceptMember(Command):
    person: Person


class DeclineMember(Command):
    person: Person


class InviteMember(Command):
    person: Person


class AcceptInvitation(Command):
    pass


class DeclineInvitation(Command):
    pass


class GiveRole(Command):
    person: Person
    role: Role


class LeaveTeam(Command):
    pass


TeamCommand: TypeAlias = (
    FoundTeam
    | AskToJoin
    | AcceptMember
    | DeclineMember
    | InviteMember
    | AcceptInvitation
    | DeclineInvitation
    | GiveRole
    | LeaveTeam
)


def decide(command: TeamCommand, state: Team, context: Context) -> list[Event]:
    me = context.by
    match command:
        case FoundTeam(lead=lead):
            return [] if state.members else [TeamFounded(lead=lead)]
        case _ if not state.members:
            raise nothing_new(command, state)
        case AskToJoin():
            if me in state.invited:
                return [MemberJoined(person=me, role="member")]
            return [] if me in state.asking or me in state.members else [JoinAsked(person=me)]
        case AcceptMember(person=person):
            return _joined(person, state.asking, state, "not_asking")
        case DeclineMember(person=person):
            return [JoinDeclined(person=person)] if person in state.asking else []
        case InviteMember(person=person):
            if person in state.asking:
                return [MemberJoined(person=person, role="member")]
            return [] if person in state.invited or person in state.members else [MemberInvited(person=person)]
        case AcceptInvitation():
            return _joined(me, state.invited, state, "not_invited")
        case DeclineInvitation():
            return [InvitationDeclined(person=me)] if me in state.invited else []
        case GiveRole(person=person, role=role):
            return _given(person, role, state)
        case LeaveTeam():
            return _left(me, state)


def _joined(person: str, waiting: frozenset[str], state: Team, code: str) -> list[Event]:
    if person in state.members:
        return []
    if person not in waiting:
        raise Rejected(code)
    return [MemberJoined(person=person, role="member")]


def _given(person: str, role: Role, state: Team) -> list[Event]:
    if person not in state.members:
        raise Rejected("not_in_team")
    if state.members[person] == role:
        return []
    if state.leads == {person}:
        raise Rejected("last_lead")
    return [RoleGiven(person=person, role=role)]


def _left(person: str, state: Team) -> list[Event]:
    if person not in state.members:
        return []
    if state.leads == {person}:
        raise Rejected("last_lead")
    return [MemberLeft(person=person)]


team: Decider[Team] = Decider("team", TeamEvent, TeamCommand, Team(), decide, evolve, project=own_project)
