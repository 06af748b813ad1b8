"""Templates as files: what is shipped, what is refused and where."""

import pytest

from services.events.domain.template import digest, edge, load
from shared.decider import Rejected
from tests.events.shipped import FOLDER, shipped, text

GOLDEN = {
    "zukunftstisch": "410144758ab8b444a3bf457aadb3c79aa575eefd9ab2d3a50f3105460338ef06",
    "stadtgespraech": "6c6604688449de3279a597236705ace7414cb7422d7aadd8b88d41d6b987b728",
    "zukunftsstadt": "db71d803bff9b2ab2c612c6d848f84889f04c61232feadbe0fc56351d74eaeee",
}
SMALL = """
key = "small"
version = 1
title = "Small"
anchor = "talk"

[[steps]]
key = "prepare"
title = "Prepare"
kind = "work"
offset = -4
gaps = [{ to = "talk", weeks = -3 }]

[[steps]]
key = "talk"
title = "Talk"
kind = "meeting"
format = "strategy_table"
offset = 0
"""


def test_the_shipped_templates_are_these_and_unchanged():
    assert {path.stem: digest(load(path.read_text())) for path in FOLDER.glob("*.toml")} == GOLDEN


def test_the_digest_tells_content_not_layout():
    assert digest(load(SMALL)) == digest(load(SMALL.replace("\n\n", "\n\n# a remark\n\n")))
    assert digest(load(SMALL)) != digest(load(SMALL.replace("offset = -4", "offset = -5")))


def test_the_zukunftstisch_is_the_table_of_the_concept():
    template = shipped("zukunftstisch")
    assert [(step.number, step.offset) for step in template.steps] == [
        ("1", -10), ("", -6), ("2", -4), ("3", -3), ("3a", -2), ("4", 0), ("5", 2), ("6", 4), ("7", 5),
    ]  # fmt: skip
    assert {(step.key, gap.to, gap.weeks) for step in template.steps for gap in step.gaps} == {
        ("preparation", "table_1", -6),
        ("participation", "table_2", -6),
        ("table_1", "table_2", -4),
        ("material", "table_2", -1),
        ("factions", "table_2", -1),
        ("motion", "table_2", 2),
        ("decision", "table_2", 4),
        ("evaluation", "table_2", 5),
    }
    assert {step.key for step in template.steps if step.optional} == {"participation", "factions"}


def test_the_online_participation_starts_six_weeks_before_table_2_and_runs_four():
    participation = shipped("zukunftstisch").step("participation")
    assert (participation.kind, edge(participation, "start"), edge(participation, "end")) == ("consultation", -6, -2)


def test_the_material_leaves_two_weeks_before_table_2():
    assert edge(shipped("zukunftstisch").step("material"), "end") == -2


@pytest.mark.parametrize(
    ("old", "new", "code", "field"),
    [
        ('title = "Talk"\n', "", "template_field_missing", "steps[1].title"),
        ("version = 1", "version = 0", "template_field_wrong", "version"),
        ("version = 1", 'version = 1\ncolour = "red"', "template_field_unknown", "colour"),
        ("offset = -4", "offset = -4\noffsett = 1", "template_field_unknown", "steps[0].offsett"),
        ("offset = -4", 'offset = "four"', "template_field_wrong", "steps[0].offset"),
        ('kind = "work"', 'kind = "party"', "template_field_wrong", "steps[0].kind"),
        ('to = "talk"', 'to = "Talk!"', "template_field_wrong", "steps[0].gaps[0].to"),
        ('to = "talk"', 'to = "walk"', "template_step_unknown", "steps[0].gaps[0].to"),
        ('to = "talk"', 'to = "prepare"', "template_step_unknown", "steps[0].gaps[0].to"),
        ("weeks = -3", "weeks = -5", "template_gap_contradicts", "steps[0].gaps[0].weeks"),
        ('anchor = "talk"', 'anchor = "walk"', "template_step_unknown", "anchor"),
        ('anchor = "talk"', 'anchor = "prepare"', "template_anchor_not_zero", "steps[0].offset"),
        ('key = "prepare"', 'key = "talk"', "template_key_twice", "steps[1].key"),
        ('format = "strategy_table"\n', "", "template_field_missing", "steps[1].format"),
        ('kind = "work"', 'kind = "consultation"', "template_field_missing", "steps[0].duration"),
    ],
)
def test_a_faulty_template_names_the_field(old: str, new: str, code: str, field: str):
    assert old in SMALL
    with pytest.raises(Rejected) as refusal:
        load(SMALL.replace(old, new, 1))
    assert (refusal.value.code, refusal.value.facts["field"]) == (code, field)


def test_what_is_no_toml_says_where():
    with pytest.raises(Rejected) as refusal:
        load("key = \n")
    assert refusal.value.code == "template_unreadable"
    assert "line 1" in refusal.value.facts["reason"]


def test_files_survive_being_exchanged():
    assert load(text("zukunftstisch").replace("\n", "\r\n")) == shipped("zukunftstisch")
