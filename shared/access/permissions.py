"""Who may do what: one table over all commands of all services; what is not in it is denied.

It answers whether somebody in this place may try at all. What depends on the thing itself (four eyes, bias, the last
lead) is decided by its decider.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

ROLES: Final = frozenset(
    {
        "coordinator",
        "department_contact",
        "council_member",
        "facilitator",
        "reviewer",
        "funding_officer",
        "treasurer",
        "auditor",
        "integrator",
    }
)
"""What a person is in a municipality."""

RELATIONS: Final = frozenset({"lead", "member", "self", "signed_in", "guest", "system"})
"""What she is to the thing: to its project (lead, member), to herself (self), to the deployment (signed in), to the
meeting that she joined by code (guest). `system` is a service that reacts to a fact, or the operator's program."""

_IMPLIED: Final[Mapping[str, frozenset[str]]] = {
    "lead": frozenset({"member", "signed_in"}),
    "member": frozenset({"signed_in"}),
    "self": frozenset({"signed_in"}),
}


class Rule(Struct, frozen=True):
    """One of `roles` or `relations` is needed; with `phases`, also that the project is in one of them."""

    roles: frozenset[str]
    relations: frozenset[str]
    phases: frozenset[str] | None = None


def by(*who: str, phases: Iterable[str] | None = None) -> Rule:
    """A rule for the roles and relations named in `who`. Raises `ValueError` for a name that is neither."""
    if unknown := set(who) - ROLES - RELATIONS:
        raise ValueError(f"neither role nor relation: {sorted(unknown)}")
    return Rule(ROLES & set(who), RELATIONS & set(who), None if phases is None else frozenset(phases))


ONGOING: Final = ("initiation", "development", "implementation")

_MARKETPLACE: Final = {
    "OpenMunicipality": by("system"),
    "DescribeMunicipality": by("coordinator", "system"),
    "RegisterPerson": by("self", "coordinator", "system"),
    "GrantRole": by("coordinator", "system"),
    "RevokeRole": by("coordinator", "system"),
    "ProposeProject": by("signed_in"),
    "DescribeProject": by("lead", "coordinator"),
    "ReturnProject": by("coordinator"),
    "PublishProject": by("coordinator"),
    "MovePhase": by("lead", "coordinator"),
    "HideProject": by("coordinator"),
    "RestoreProject": by("coordinator"),
    "FoundTeam": by("system"),
    "AskToJoin": by("signed_in", phases=ONGOING),
    "AcceptMember": by("lead"),
    "DeclineMember": by("lead"),
    "InviteMember": by("lead", "member"),
    "AcceptInvitation": by("signed_in"),
    "DeclineInvitation": by("signed_in"),
    "GiveRole": by("lead"),
    "LeaveTeam": by("member"),
    "PublishNeed": by("lead", "member", phases=ONGOING),
    "MakeOffer": by("signed_in", phases=ONGOING),
    "WithdrawOffer": by("signed_in"),
    "AcceptOffer": by("lead", "member"),
    "WithdrawNeed": by("lead", "member"),
    "NoteReading": by("system"),
}

_PLANNING: Final = {
    "OpenPlan": by("system"),
    "FreezeRevision": by("lead", "member"),
    "DeclareReady": by("lead"),
    "RecordEdits": by("system"),
    "NoteReading": by("system"),
}

_FUNDING: Final = {
    "OpenPot": by("funding_officer"),
    "SetRules": by("funding_officer"),
    "OpenCall": by("funding_officer"),
    "CloseCall": by("funding_officer"),
    "AddMoney": by("treasurer"),
    "ReallotReturns": by("treasurer"),
    "CloseYear": by("treasurer"),
    "ClosePot": by("funding_officer"),
    "StartApplication": by("lead", "member"),
    "SubmitApplication": by("lead"),
    "WithdrawApplication": by("lead"),
    "Correct": by("lead", "member"),
    "NoteTeam": by("system"),
    "PinRevision": by("lead", "member", "system"),
    "AddAttachment": by("lead", "member", "system"),
    "RemoveAttachment": by("lead", "member"),
    "AskForCorrection": by("funding_officer"),
    "CompleteFormalCheck": by("funding_officer"),
    "DeclareBias": by("reviewer", "funding_officer", "treasurer"),
    "AssignReviewer": by("funding_officer"),
    "ReleaseReviewer": by("funding_officer"),
    "RecordReview": by("reviewer"),
    "RecordRecommendation": by("reviewer"),
    "ProposeDecision": by("funding_officer"),
    "ProposeRevocation": by("funding_officer"),
    "WithdrawProposal": by("funding_officer"),
    "ContradictDecision": by("funding_officer"),
    "ConfirmDecision": by("funding_officer"),
    "IssueLetter": by("system"),
    "IssueRevocationLetter": by("system"),
    "RecordObjection": by("lead"),
    "AnswerObjection": by("funding_officer"),
    "AcceptDecision": by("lead"),
    "FulfilCondition": by("funding_officer"),
    "PayInstalment": by("treasurer"),
    "SubmitProof": by("lead", "member"),
    "CheckProof": by("funding_officer"),
    "RecordRepayment": by("treasurer"),
    "RecordLook": by("system"),
}

_EVENTS: Final = {
    "StartProcess": by("coordinator"),
    "StopProcess": by("coordinator"),
    "RescheduleStep": by("coordinator"),
    "MoveAnchor": by("coordinator"),
    "BeginStep": by("coordinator", "facilitator"),
    "CompleteStep": by("coordinator", "facilitator"),
    "SkipStep": by("coordinator"),
    "AttachDocument": by("coordinator", "facilitator", "department_contact"),
    "AnnounceMeeting": by("coordinator", "facilitator", "lead"),
    "MoveMeeting": by("coordinator", "facilitator", "lead"),
    "CancelMeeting": by("coordinator", "facilitator", "lead"),
    "OpenTable": by("coordinator", "facilitator", "lead", "member"),
    "CloseTable": by("coordinator", "facilitator", "lead", "member"),
    "Register": by("signed_in"),
    "CancelRegistration": by("signed_in"),
    "ResizeSection": by("coordinator", "facilitator", "lead"),
    "CheckIn": by("signed_in", "facilitator"),
    "JoinTable": by("guest", "signed_in"),
    "StartMeeting": by("coordinator", "facilitator", "lead"),
    "RecordResult": by("coordinator", "facilitator", "lead", "member"),
    "EndMeeting": by("coordinator", "facilitator", "lead"),
    "SignOffMinutes": by("coordinator", "facilitator", "lead"),
    "PlanAgenda": by("coordinator", "facilitator", "lead"),
    "StartAgendaItem": by("coordinator", "facilitator", "lead"),
    "ExtendAgendaItem": by("coordinator", "facilitator", "lead"),
    "PauseAgendaItem": by("coordinator", "facilitator", "lead"),
    "ResumeAgendaItem": by("coordinator", "facilitator", "lead"),
    "EndAgendaItem": by("coordinator", "facilitator", "lead"),
    "OpenPoll": by("coordinator", "facilitator", "lead"),
    "ClosePoll": by("coordinator", "facilitator", "lead"),
    "GiveWord": by("coordinator", "facilitator", "lead"),
    "EndWord": by("coordinator", "facilitator", "lead"),
    "VotePoll": by("guest", "signed_in"),
    "AskToSpeak": by("guest", "signed_in"),
    "WithdrawWord": by("guest", "signed_in"),
    "NoteReading": by("system"),
}

RULES: Final[Mapping[str, Rule]] = {
    f"{service}.{command}": rule
    for service, rules in {
        "marketplace": _MARKETPLACE,
        "planning": _PLANNING,
        "funding": _FUNDING,
        "events": _EVENTS,
    }.items()
    for command, rule in rules.items()
}
"""The rule of each command, under `<service>.<CommandName>`."""


def allowed(command_key: str, roles: Iterable[str], relations: Iterable[str], phase: str | None = None) -> bool:
    """Whether somebody with these roles and relations may give the command, while its project is in `phase`.

    A lead counts as a member, both and whoever holds a role as signed in. Who acts on behalf of somebody (coordinators
    may) is asked about with the relations of that person and no roles.
    """
    rule = RULES.get(command_key)
    if rule is None or (rule.phases is not None and phase not in rule.phases):
        return False
    held, related = ROLES.intersection(roles), RELATIONS.intersection(relations)
    related = related.union(*(_IMPLIED.get(relation, frozenset()) for relation in related))
    if held:
        related |= {"signed_in"}
    return not (rule.roles.isdisjoint(held) and rule.relations.isdisjoint(related))


def may_represent(roles: Iterable[str]) -> bool:
    """Whether somebody may act on behalf of people without e-mail."""
    return "coordinator" in set(roles)
