"""What a PDF says: its words, the kinds of elements in its structure, and what they say instead of pictures."""

import io
import re
from collections.abc import Iterator
from typing import Any

from pypdf import PdfReader


def text(made: bytes) -> str:
    """All words, with blanks where lines end."""
    pages = "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(made)).pages)
    return " ".join(pages.split())


def unbroken(said: str) -> str:
    """Words however lines broke them: without blanks, hyphens and the places where an address may break."""
    return re.sub(r"[\s\u00ad\u200b-]", "", said)


def tags(made: bytes) -> set[str]:
    return {str(element.get("/S", "")) for element in _elements(made)}


def instead(made: bytes) -> list[str]:
    """The texts that stand for pictures."""
    return [str(element["/Alt"]) for element in _elements(made) if "/Alt" in element]


def standards(made: bytes) -> tuple[bool, bool]:
    """Whether a file says of itself that it is PDF/UA-1, and PDF/A-2a."""
    root: Any = PdfReader(io.BytesIO(made)).trailer["/Root"]
    told = root["/Metadata"].get_object().get_data().decode()
    archive = "<pdfaid:part>2</pdfaid:part>" in told and "<pdfaid:conformance>A</pdfaid:conformance>" in told
    return "<pdfuaid:part>1</pdfuaid:part>" in told, archive


def _elements(made: bytes) -> Iterator[Any]:
    waiting: list[Any] = [PdfReader(io.BytesIO(made)).trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        element = waiting.pop().get_object()
        if isinstance(element, list):
            waiting += element
        elif isinstance(element, dict):
            yield element
            waiting += [element["/K"]] if "/K" in element else []
