"""What the replay says of each step: what changed, who appears how, and where one stands."""

import re
from types import SimpleNamespace as Row
from typing import Any, get_args

import pytest

from services.funding.desk.actors import Actors, office_named, office_of
from services.funding.desk.notes import inner_notes, notes
from services.funding.desk.standing import lines
from services.funding.desk.strip import strip
from services.funding.domain.application import ApplicationEvent, BiasDeclared
from services.funding.domain.grant import InstalmentPaid, ProofChecked, ProofSubmitted, RepaymentReceived
from services.funding.domain.impartiality import SERVICE
from services.funding.replay import Stage, replay
from shared.contracts.events import EventsFact
from shared.contracts.marketplace import MarketplaceFact
from shared.contracts.planning import PlanningFact
from shared.web.render import Renderer
from tests.funding.files import ACCEPTED, confirmed, examined, proposal, reviewed

VISIT: Any = Row(site=Row(renderer=Renderer()), session=None)
PAID = (*ACCEPTED, InstalmentPaid(payment_id="one", number=1, amount_cents=5_000))
PROVEN = (
    *PAID,
    ProofSubmitted(proof_id="n", spent_cents=4_000, receipts=3, digest="d", by="ann"),
    ProofChecked(proof_id="n", accepted_cents=4_000, due_cents=1_000, by="otto"),
    RepaymentReceived(return_id="r", amount_cents=1_000),
)
STAGES: dict[Stage, str] = {stage: stage.title() for stage in get_args(Stage)}


def changed(events: tuple[Any, ...]) -> dict[str, tuple[str | None, str]]:
    """What the last event changed: label → (before, after)."""
    moments = replay(events)
    before = moments[-2] if len(moments) > 1 else None
    said = lines(VISIT, moments[-1], before, {"rev-9": "Fassung 9"})
    return {line.label: (line.was, line.value) for line in said if line.was is not None}


def test_each_step_says_what_it_changed_and_nothing_else():
    assert changed(ACCEPTED[:3]) == {
        "Plan": ("–", "Fassung 9"),
        "Beantragt": ("–", "340,00\xa0€"),
        "Offene Regeln": ("–", "0"),
    }
    assert changed(ACCEPTED[:4]) == {"Stand": ("Entwurf", "Eingereicht")}
    assert changed(ACCEPTED[:6]) == {"Gutachten, die zählen": ("0 von 1", "1 von 1")}
    assert changed(PAID) == {"Ausgezahlt": ("–", "50,00\xa0€"), "Raten": ("–", "1")}


def test_every_state_on_the_way_is_told_without_a_gap():
    for number, moment in enumerate(replay(PROVEN), 1):
        said = lines(VISIT, moment, None, {})
        assert said[0].label == "Stand", number
        assert all(line.value and "None" not in line.value for line in said)


def test_offices_are_counted_and_named_only_where_the_reader_may_know():
    public = Actors({"ann": "Anna B."})
    assert [public.label(person, "Jury") for person in ("rita", "kofi", "rita")] == [
        "Jury, 1. Person",
        "Jury, 2. Person",
        "Jury, 1. Person",
    ]
    assert public.label("otto", "Förderstelle") == "Förderstelle, 1. Person"
    assert (public.label("ann", "Jury"), public.label(SERVICE, "Jury")) == ("Anna B.", "Gemeinwerk, von selbst")
    audit = Actors({"ann": "Anna B."}, {"rita": "Rita S."})
    assert (audit.label("rita", "Jury"), audit.label("gone", "Jury")) == ("Rita S., Jury", "Jemand, Jury")


def test_an_event_belongs_to_an_office_and_a_look_to_the_first():
    events = (reviewed, BiasDeclared(by="rita"), PAID[-1], confirmed)
    assert [office_of(one) for one in events] == ["Jury", "Amt oder Jury", "Kasse", "Förderstelle"]
    assert office_named(["treasurer", "auditor"]) == "Revision"
    assert office_named([]) == "Amt"


def test_points_and_reasons_are_for_those_who_may_read_the_file():
    assert notes(VISIT, reviewed) == []
    inner = inner_notes(reviewed, {"common_good": "Gemeinwohl"})
    assert inner[0] == ("Gemeinwohl: 5 von 5", "Kostenlos für alle.")
    assert ("Bedingung", "Versicherung nachweisen") in inner_notes(proposal, {})
    assert inner_notes(examined, {}) == []


@pytest.mark.parametrize("step", [1, 5, len(PROVEN)])
def test_the_strip_is_as_wide_as_its_events_and_marks_one(step):
    drawn = strip(replay(PROVEN), step, STAGES, "Schritt")
    bands = [float(x) for x in re.findall(r'<rect[^>]*x="([\d.]+)"', drawn.svg)]
    assert bands == sorted(bands)
    assert len(bands) == len(drawn.key) == 5
    x = float(re.findall(r'cx="([\d.]+)"', drawn.svg)[0])
    assert x == pytest.approx((step - 0.5) * 640 / len(PROVEN), abs=0.1)


def test_the_strip_of_one_event_is_drawn_too():
    assert "NaN" not in strip(replay(ACCEPTED[:1]), 1, STAGES, "Schritt").svg


def test_all_events_have_a_note_or_none_and_never_fail():
    assert len(get_args(ApplicationEvent)) > 20
    for event in PROVEN:
        assert all(label and value for label, value in [*notes(VISIT, event), *inner_notes(event, {})])


def test_what_is_told_of_projects_has_words():
    told = {fact.__name__ for union in (MarketplaceFact, PlanningFact, EventsFact) for fact in get_args(union)}
    without_project = {"MunicipalityOpened", "MunicipalityDescribed", "RoleGranted", "RoleRevoked"}
    say = VISIT.site.renderer.say
    unsaid = {name for name in told - without_project if say(f"told.{name}", {}) == f"told.{name}"}
    assert len(unsaid) < 5, f"these appear as something that happened: {unsaid}"
