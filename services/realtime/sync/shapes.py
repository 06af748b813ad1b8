"""Which documents there are, which roots each may have, and its present schema version."""

import re

from msgspec import Struct

MUNICIPALITY = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
DOCUMENT = re.compile(r"(plan|meeting)-[A-Za-z0-9-]{1,64}")
_SUFFIX = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Shape(Struct, frozen=True, kw_only=True):
    """The outer form of a kind of document. A root is one of `roots`, or one of them, a dot and the id of a part.

    `remarks` are the roots that those may change who may only comment. A client whose editor knows less than `schema`
    may read only: it would delete what it cannot build.
    """

    roots: frozenset[str]
    remarks: frozenset[str] = frozenset()
    schema: int = 1

    def allows(self, root: str) -> bool:
        name, dot, suffix = root.partition(".")
        return name in self.roots and (not dot or bool(_SUFFIX.fullmatch(suffix)))


SHAPES = {
    "plan": Shape(
        roots=frozenset({"profile", "work", "resources", "schedule", "finance", "comments"}),
        remarks=frozenset({"comments"}),
        schema=2,
    ),
    "meeting": Shape(roots=frozenset({"minutes", "cards", "boards"})),
}


def shape_of(document: str) -> Shape | None:
    """The shape of `plan-<project>` or `meeting-<id>`; None for what is no name of a document."""
    found = DOCUMENT.fullmatch(document)
    return SHAPES[found[1]] if found else None
