"""Every code that the domain and the edge can say has its words in two languages, and none is left over."""

import ast
import tomllib
from pathlib import Path
from string import Formatter

import services.events.domain.process

DOMAIN = Path(services.events.domain.process.__file__).parent
WORDS = tomllib.loads((DOMAIN.parents[2] / "shared/web/words/events.toml").read_text("utf-8"))["rejected"]
BUILT = {"template_field_missing", "template_field_unknown", "template_field_wrong"}  # put together from a message


def calls() -> list[tuple[str, set[str]]]:
    """Codes with the names of the facts that they are raised or yielded with; None for facts from elsewhere."""
    found = []
    for path in (*DOMAIN.glob("*.py"), *DOMAIN.parent.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Rejected":
                named = {keyword.arg or "*" for keyword in node.keywords}
                found += [(c.value, named) for c in ast.walk(node.args[0]) if isinstance(c, ast.Constant)]
            if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
                code, _, facts = node.value.elts
                keys = {key.value for key in facts.keys if isinstance(key, ast.Constant)} | {"field"}  # type: ignore[attr-defined]
                found.append((code.value, keys))  # type: ignore[attr-defined]
    return [(str(code), named) for code, named in found if str(code) and not str(code).endswith("_")]


def facts(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_refusal_has_words_and_none_is_left_over():
    said = {code for code, _ in calls() if code in WORDS or code not in ("missing", "unknown", "wrong")}
    assert said - BUILT == set(WORDS) - BUILT
    assert set(WORDS) >= BUILT


def test_every_refusal_carries_the_facts_that_its_words_name():
    for code, named in calls():
        if code in WORDS and "*" not in named:
            assert facts(WORDS[code]["de"]) <= named, code


def test_both_languages_use_the_same_facts():
    for code, words in WORDS.items():
        assert set(words) == {"de", "en"}, code
        assert facts(words["de"]) == facts(words["en"]), code
