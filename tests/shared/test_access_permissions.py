import importlib
import pkgutil
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

import services
from shared.access.permissions import RELATIONS, ROLES, RULES, allowed, by, may_represent
from shared.audit.reading import NoteReading
from shared.message import Command

PHASES = ["initiation", "development", "implementation", "completed", None]
EVERYBODY = sorted(ROLES | RELATIONS)

# Written out by hand, so that widening one of these rules needs a second thought.
SENSITIVE = {
    "marketplace.OpenMunicipality": {"system"},
    "marketplace.GrantRole": {"coordinator", "system"},
    "marketplace.RevokeRole": {"coordinator", "system"},
    "marketplace.PublishProject": {"coordinator"},
    "marketplace.HideProject": {"coordinator"},
    "marketplace.FoundTeam": {"system"},
    "marketplace.AcceptMember": {"lead"},
    "marketplace.LeaveTeam": {"lead", "member"},
    "marketplace.ProposeProject": (ROLES | RELATIONS) - {"guest", "system"},
    "funding.SetRules": {"funding_officer"},
    "funding.AddMoney": {"treasurer"},
    "funding.NoteTeam": {"system"},
    "funding.PinRevision": {"lead", "member", "system"},
    "funding.SubmitApplication": {"lead"},
    "funding.RecordReview": {"reviewer"},
    "funding.ProposeDecision": {"funding_officer"},
    "funding.ConfirmDecision": {"funding_officer"},
    "funding.PayInstalment": {"treasurer"},
    "events.StartProcess": {"coordinator"},
    "events.SignOffMinutes": {"coordinator", "facilitator", "lead"},
}


def may(command: str, who: str, phase: str | None = "development") -> bool:
    return allowed(command, {who} & ROLES, {who} & RELATIONS, phase)


def commands() -> Counter[str]:
    """`<service>.<CommandName>` of every command that a domain defines, and of the one that services share."""
    found: Counter[str] = Counter()
    for service in pkgutil.iter_modules(services.__path__, "services."):
        for module in pkgutil.walk_packages([f"{services.__path__[0]}/{service.name[9:]}/domain"]):
            domain = importlib.import_module(f"{service.name}.domain.{module.name}")
            own = [thing for thing in vars(domain).values() if isinstance(thing, type) and issubclass(thing, Command)]
            found.update(f"{service.name[9:]}.{one.__name__}" for one in own if one.__module__ == domain.__name__)
    found.update(f"{service}.{NoteReading.__name__}" for service in ("marketplace", "planning", "events"))
    return found


def test_every_command_has_a_rule_and_every_rule_a_command():
    assert sorted(commands() - Counter(RULES.keys())) == [], "commands without a rule: nobody could give them"
    assert sorted(set(RULES) - set(commands())) == [], "rules without a command"


def test_no_two_commands_of_a_service_share_a_name():
    assert [name for name, times in commands().items() if times > 1] == []


@pytest.mark.parametrize("command", SENSITIVE)
def test_sensitive_commands_are_for_these_people_alone(command):
    assert {who for who in EVERYBODY if may(command, who)} == SENSITIVE[command]


@pytest.mark.parametrize("command", RULES)
def test_a_rule_lets_in_whom_it_names_and_whoever_counts_as_one(command):
    rule = RULES[command]
    for phase in PHASES:
        in_time = rule.phases is None or phase in rule.phases
        for who in EVERYBODY:
            counts_as = {
                "lead": {"lead", "member", "signed_in"},
                "member": {"member", "signed_in"},
                "self": {"self", "signed_in"},
                "guest": {"guest"},
                "system": {"system"},
            }.get(who, {who, "signed_in"})
            assert may(command, who, phase) is (in_time and not counts_as.isdisjoint(rule.roles | rule.relations))


@pytest.mark.parametrize("command", RULES)
def test_nobody_in_particular_may_do_nothing(command):
    assert not any(allowed(command, (), (), phase) for phase in PHASES)
    assert not allowed(command, ["owner", "admin"], ["coordinator", "friend"], "development")


@given(st.text(), st.sets(st.sampled_from(sorted(ROLES))), st.sets(st.sampled_from(sorted(RELATIONS))))
def test_what_is_not_in_the_table_is_denied(command, roles, relations):
    assert command in RULES or not allowed(command, roles, relations, "development")


@given(st.sampled_from(sorted(RULES)), st.sets(st.sampled_from(EVERYBODY)), st.sampled_from(EVERYBODY))
def test_a_further_role_or_relation_never_takes_a_right_away(command, who, further):
    for phase in PHASES:
        before = allowed(command, who & ROLES, who & RELATIONS, phase)
        assert not before or allowed(command, (who | {further}) & ROLES, (who | {further}) & RELATIONS, phase)


def test_a_relation_is_no_role_and_a_role_no_relation():
    assert not allowed("funding.ConfirmDecision", (), ["funding_officer"], "development")
    assert not allowed("marketplace.AcceptMember", ["lead"], (), "development")


def test_auditors_change_nothing_that_others_could_not():
    assert [command for command in RULES if "auditor" in RULES[command].roles] == []


def test_after_completion_a_project_asks_for_nothing_more():
    for command in ("marketplace.PublishNeed", "marketplace.MakeOffer", "marketplace.AskToJoin"):
        assert may(command, "lead", "implementation")
        assert not may(command, "lead", "completed")
        assert not may(command, "lead", None)


def test_only_coordinators_act_on_behalf_of_others():
    assert [role for role in sorted(ROLES) if may_represent([role])] == ["coordinator"]


def test_a_misspelt_rule_fails_at_once():
    with pytest.raises(ValueError, match="coordinater"):
        by("coordinater")
