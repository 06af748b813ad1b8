"""Every refusal of every service has words in both languages, and its facts are said as people write them."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from shared.web.render import Renderer, _words

ROOT = Path(__file__).parents[2]
WORDS = _words()


def refusals() -> list[tuple[str, str, set[str]]]:
    """File, code and names of facts of each `Rejected("code", …)` in the services and in shared."""
    found = []
    for path in [*ROOT.glob("services/**/*.py"), *ROOT.glob("shared/**/*.py")]:
        if "node_modules" in path.parts:
            continue
        for call in (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)):
            if isinstance(call.func, ast.Name) and call.func.id == "Rejected" and call.args:
                if any(keyword.arg is None for keyword in call.keywords) or isinstance(call.args[0], ast.JoinedStr):
                    continue  # a code or facts put together at run time: the service's own test knows them
                facts = {keyword.arg or "" for keyword in call.keywords}
                codes = [node.value for node in ast.walk(call.args[0]) if isinstance(node, ast.Constant)]
                found += [(path.name, code, facts) for code in codes if isinstance(code, str)]
    return found


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer()


def asked(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_refusal_has_words() -> None:
    assert [(file, code) for file, code, _ in refusals() if code not in WORDS] == []


def test_a_refusal_carries_every_fact_that_its_words_name() -> None:
    lacking = [
        (file, code, missing) for file, code, facts in refusals() if (missing := asked(WORDS[code]["de"]) - facts)
    ]
    assert lacking == []


@pytest.mark.parametrize("code", sorted(WORDS))
def test_both_languages_say_the_same(code: str) -> None:
    assert set(WORDS[code]) == {"de", "en"}
    assert asked(WORDS[code]["de"]) == asked(WORDS[code]["en"])
    for text in WORDS[code].values():
        assert text == text.strip()
        assert not re.search(r"\b(TODO|FIXME)\b|  ", text)


def test_facts_are_said_as_people_write_them(renderer: Renderer) -> None:
    german = renderer.say("pot_overdrawn", {"wanted_cents": 27_200_00, "available_cents": 100}, "de")
    assert "27.200,00\u00a0€" in german
    assert renderer.say("too_short", {"least": 3}, "en") == "At least 3 characters, please."


def test_an_unknown_code_is_shown_as_it_is(renderer: Renderer) -> None:
    assert renderer.say("nobody_knows", {}) == "nobody_knows"
