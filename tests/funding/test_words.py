"""Every code that the domain can say has its words, with the facts that it carries."""

import ast
import re
import tomllib
from pathlib import Path
from string import Formatter
from typing import Any, get_args

from services.funding.domain.application import ApplicationEvent
from services.funding.domain.pot import PotEvent

DOMAIN = Path(__file__).parents[2] / "services" / "funding" / "domain"
WORDS: dict[str, Any] = tomllib.loads(
    (DOMAIN.parents[2] / "shared" / "web" / "words" / "funding.toml").read_text("utf-8")
)
SOURCE = {path.name: path.read_text("utf-8") for path in DOMAIN.glob("*.py")}


def said(kind: str) -> set[str]:
    return set(WORDS[kind])


def refusals() -> list[tuple[str, set[str]]]:
    """Every code with the names of the facts that it is raised with."""
    found = []
    for call in (node for text in SOURCE.values() for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Name) and call.func.id == "Rejected":
            named = {keyword.arg or "" for keyword in call.keywords}
            codes = [node.value for node in ast.walk(call.args[0]) if isinstance(node, ast.Constant)]
            found += [(str(code), named) for code in codes]
    return found


def test_every_refusal_has_words_and_none_is_left_over():
    flaws = set(re.findall(r'return "(\w+)"', SOURCE["rules.py"]))
    assert {code for code, _ in refusals()} | flaws == said("rejected")


def test_every_refusal_carries_the_facts_that_its_words_name():
    for code, named in refusals():
        assert facts(WORDS["rejected"][code]["de"]) <= named, code


def test_every_finding_has_words():
    quoted = re.findall(r'"([a-z]+(?:_[a-z]+)+|balanced)"', SOURCE["checks.py"])
    rules = {"own_contribution", "hour_rate", "in_kind", "minimum_percent"}
    assert {code for code in quoted if not code.endswith("_cents")} - rules == said("finding")


def test_every_event_has_a_name():
    events = {event.__name__ for union in (ApplicationEvent, PotEvent) for event in get_args(union)}
    assert events == said("event")


def test_both_languages_use_the_same_facts():
    for kind, entries in WORDS.items():
        for code, words in entries.items():
            assert set(words) == {"de", "en"}, (kind, code)
            assert facts(words["de"]) == facts(words["en"]), (kind, code)


def facts(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}
