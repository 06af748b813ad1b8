"""Leaves out of KERN's stylesheet what no page uses: its grid and utilities, some components, most icons."""

import re
from collections.abc import Iterator

_BLOCKS = (
    "container|grid|row|col|cols|order|basis|flex|gap|offset|align|justify|level|min|[mp][trblxy]?|"
    "stack|inline|block|hidden|place|auto|overflow|aspect|max|[wh]|"
    "card|task-list|kopfzeile|dropdown|summary|input-group|sr-only-mobile|table|description-list|list|"
    "loader|progress|dialog|fieldset|hgroup|heading|subline|preline|divider|number|link"
)
_ICONS = "close|danger|success|warning|info|default|large|small|x-large"
_LEFT_OUT = re.compile(rf"\.kern-(?:{_BLOCKS})(?![a-z])|\.kern-icon--(?!(?:{_ICONS})(?![a-z-]))")


def trimmed(css: str) -> str:
    """The stylesheet without the rules whose every selector names something left out; `css` has no comments."""
    kept = []
    for head, body in _rules(css):
        if head.startswith(("@media", "@supports")):
            if inner := trimmed(body):
                kept.append(f"{head}{{{inner}}}")
        elif head.startswith("@"):
            kept.append(f"{head}{{{body}}}" if body else head)
        elif selectors := [one for one in _selectors(head) if not _LEFT_OUT.search(one)]:
            kept.append(f"{','.join(selectors)}{{{body}}}")
    return "".join(kept)


def _rules(css: str) -> Iterator[tuple[str, str]]:
    """Head and body of each top-level rule; a statement such as `@charset` has no body."""
    depth = start = opened = 0
    quote = ""
    for place, sign in enumerate(css):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign == "{":
            opened = place if depth == 0 else opened
            depth += 1
        elif sign == "}":
            depth -= 1
            if depth == 0:
                yield css[start:opened], css[opened + 1 : place]
                start = place + 1
        elif sign == ";" and depth == 0:
            yield css[start : place + 1], ""
            start = place + 1


def _selectors(head: str) -> list[str]:
    """The selectors of a list; a comma inside `:is(…)` parts nothing."""
    parts, depth, start = [], 0, 0
    for place, sign in enumerate(head):
        depth += (sign in "([") - (sign in ")]")
        if sign == "," and depth == 0:
            parts.append(head[start:place])
            start = place + 1
    return [*parts, head[start:]]
