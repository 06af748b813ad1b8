import pytest
from msgspec import convert
from msgspec.structs import replace

from services.funding.domain.known_pots import nachbarschaftsfonds, stadtbezirk, zukunftsstadt_fonds
from services.funding.domain.rules import Deadline, PotRules
from services.funding.written import rules_of, typed_of
from shared.web.forms import Invalid


@pytest.mark.parametrize("rules", [zukunftsstadt_fonds(), nachbarschaftsfonds(), stadtbezirk(2027)])
def test_a_form_that_nobody_changes_says_the_same_rules(rules: PotRules):
    assert convert(rules_of(typed_of(rules), rules), PotRules) == rules


def test_lines_say_criteria_papers_and_deadlines():
    typed = {
        "title": "Richtlinie",
        "criteria": "Gemeinwohl: 60\n\nMut zur Lücke: 40 %",
        "documents": "Projektprofil\nAngebote: 10.000,00",
        "deadlines": "0: 15.10.2027\n3.000,00: 2027-04-01\n5.000: 6 Wochen",
        "ineligible": "Bewirtung (4.2)\nLand",
        "threshold": "3,5",
    }
    rules = convert(rules_of(typed, zukunftsstadt_fonds()), PotRules)
    assert [(one.key, one.weight) for one in rules.criteria] == [("common_good", 60), ("mut_zur_luecke", 40)]
    assert [(one.title, one.above_cents) for one in rules.documents] == [("Projektprofil", 0), ("Angebote", 10_000_00)]
    assert rules.deadlines == (
        Deadline(above_cents=0, until="2027-10-15"),
        Deadline(above_cents=3_000_00, until="2027-04-01"),
        Deadline(above_cents=5_000_00, weeks_before_start=6),
    )
    assert [(one.key, one.rule) for one in rules.ineligible] == [("catering", "4.2"), ("land", "")]
    assert rules.threshold_tenths == 35


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("cap_cents", "viel"),
        ("share_percent", "101"),
        ("criteria", "Gemeinwohl"),
        ("deadlines", "3.000: irgendwann"),
        ("threshold", "5,1"),
        ("longest_months", "-1"),
        ("title", " "),
    ],
)
def test_what_cannot_be_read_is_named_at_its_field(name: str, text: str):
    typed = typed_of(replace(zukunftsstadt_fonds(), longest_months=3)) | {name: text}
    with pytest.raises(Invalid) as invalid:
        rules_of(typed, None)
    assert set(invalid.value.faults) == {name}
