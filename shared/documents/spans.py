"""Stretches of rich text as plain values: what of their style is known, and nothing that could do harm."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import msgspec

from shared.contracts.documents import Span

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_SAFE_LINK = re.compile(r"(https?://|mailto:)\S+", re.I)


def styled(text: str, style: Mapping[str, Any]) -> Span:
    # Editors may add a digest to the name of a style, so that two of a kind can overlap: link--Ab3x.
    marks = {name.partition("--")[0]: value for name, value in style.items() if value is not None}
    link = marks.get("link")
    address = link.get("href") if isinstance(link, dict) else ""
    safe = isinstance(address, str) and _SAFE_LINK.fullmatch(address)
    return Span(text=clean(text), bold="bold" in marks, italic="italic" in marks, link=str(address) if safe else "")


def join(spans: list[Span], new: Span) -> None:
    if spans and msgspec.structs.replace(spans[-1], text="") == msgspec.structs.replace(new, text=""):
        spans[-1] = msgspec.structs.replace(new, text=spans[-1].text + new.text)
    elif new.text:
        spans.append(new)


def level(attributes: Mapping[str, Any]) -> int:
    try:
        return min(max(int(float(attributes.get("level", 1))), 1), 6)
    except (TypeError, ValueError):
        return 1


def clean(text: str) -> str:
    """In NFC, as the log wants it, and without control characters."""
    return unicodedata.normalize("NFC", _CONTROL.sub("", text))
