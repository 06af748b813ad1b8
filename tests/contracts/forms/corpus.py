"""The golden corpus: for every type and form that was ever stored a line with its very bytes.

A line is `{"type", "form", "sha256", "body"}`; `body` is the stored text, `sha256` that of its UTF-8 bytes, as the log
keeps it. Lines are added, never changed and never removed: they stand for entries that lie in somebody's database.
When an event is new, got a field, or got a new form, `test_forms.py` fails and prints the line to add at the end of
its service's file. `python -m tests.contracts.forms.corpus` adds all such lines.
"""

import importlib
import pkgutil
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from types import UnionType
from typing import Any, get_args

import msgspec
from msgspec import Struct

import services
from shared.audit.reading import reading
from shared.contracts import FACTS
from shared.decider import Decider
from shared.store.codec import Codec, encode
from tests.contracts.forms.example import example

_NOTES_OTHERWISE = ("funding",)  # who reads its log is noted at its desk
FORMS = Path(__file__).parent
TOLD = FORMS.parent / "facts"


class Line(Struct, frozen=True):
    """One stored form of an event, or of a fact (always form 1)."""

    type: str
    form: int
    sha256: str
    body: str

    @property
    def honest(self) -> bool:
        return sha256(self.body.encode()).hexdigest() == self.sha256


def lines(path: Path) -> list[Line]:
    """What is recorded; empty where there is no file yet."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return [msgspec.json.decode(line, type=Line) for line in text.splitlines()]


def written(line: Line) -> str:
    return msgspec.json.encode(line).decode()


def deciders() -> dict[str, list[Decider[Any]]]:
    """Service → its deciders, found in its domain."""
    found: dict[str, list[Decider[Any]]] = {}
    for service in sorted(module.name for module in pkgutil.iter_modules(services.__path__)):
        own = {id(decider): decider for decider in _deciders_of(service)}
        if own:
            found[service] = list(own.values()) + ([] if service in _NOTES_OTHERWISE else [reading])
    return found


def _deciders_of(service: str) -> Iterator[Decider[Any]]:
    for path in sorted(Path(services.__path__[0], service, "domain").glob("*.py")):
        module = importlib.import_module(f"services.{service}.domain.{path.stem}".removesuffix(".__init__"))
        yield from (value for value in vars(module).values() if isinstance(value, Decider))


def missing_forms(service: str) -> list[Line]:
    """Lines that the corpus of a service lacks: types never seen, and those whose newest line is not what is written
    today, because a field was added."""
    codec = Codec(deciders()[service])
    known = {(line.type, line.form): line for line in lines(FORMS / f"{service}.jsonl")}
    lacking = []
    for kind in kinds(service):
        line = known.get((kind.__name__, kind.form))
        event = codec.event(line.type, line.form, line.body.encode()) if line else example(kind)
        assert event is not None
        new = line_of(kind.__name__, kind.form, codec.stored(event)[2])
        if line is None or new.body != line.body:
            lacking.append(new)
    return lacking


def missing_facts(source: str) -> list[Line]:
    """The same for the facts that a service tells."""
    known = {line.type: line for line in lines(TOLD / f"{source}.jsonl")}
    lacking = []
    for (owner, name), kind in FACTS.items():
        if owner == source:
            line = known.get(name)
            fact = msgspec.json.decode(line.body, type=kind) if line else example(kind)
            new = line_of(name, 1, encode(fact))
            if line is None or new.body != line.body:
                lacking.append(new)
    return lacking


def kinds(service: str) -> list[Any]:
    """All event types of a service."""
    unions = [decider.events for decider in deciders()[service]]
    return [kind for union in unions for kind in (get_args(union) if isinstance(union, UnionType) else (union,))]


def line_of(type_: str, form: int, body: bytes) -> Line:
    return Line(type_, form, sha256(body).hexdigest(), body.decode())


def add(path: Path, new: list[Line]) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.writelines(written(line) + "\n" for line in new)


if __name__ == "__main__":
    for service in deciders():
        add(FORMS / f"{service}.jsonl", missing_forms(service))
    for source in sorted({source for source, _ in FACTS}):
        add(TOLD / f"{source}.jsonl", missing_facts(source))
