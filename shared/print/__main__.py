"""Sets one document, in a process of its own: the order comes as JSON, the document goes out as it is."""

import base64
import ctypes
import json
import re
import resource
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from struct import unpack_from
from typing import Any

import typst

ROOT = Path(__file__).parents[2]
FONTS = Path(__file__).parent / "fonts"
STANDARDS: list[Any] = ["ua-1", "a-2a"]
_CPU, _MEMORY = 30, 2 << 30  # seconds, bytes
_PR_SET_PDEATHSIG = 1  # prctl(2)
_INSTEAD = "\ufffd"


def main() -> int:
    """Reads the order from standard input; errors go to standard error, with exit code 1."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU, _CPU))
    order = json.loads(sys.stdin.buffer.read())
    try:
        sys.stdout.buffer.write(_tried(order))
    except typst.TypstError as error:
        print(str(error), file=sys.stderr)
        return 1
    return 0


def _tried(order: dict[str, Any]) -> bytes:
    """Both standards forbid letters that no font has and some that no text needs, and mixed scripts make the library
    panic (BaseException): then what people have typed is printed with the letters of our own fonts only."""
    try:
        return _set(order, order["data"])
    except BaseException:
        return _set(order, _printable(order["data"]))


def _set(order: dict[str, Any], data: str) -> bytes:
    compiler = typst.Compiler(
        root=str(ROOT),
        font_paths=typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(FONTS)]),
        sys_inputs={"data": data},
    )
    main = str(ROOT / order["template"])
    if order["form"] == "png":
        pages = compiler.compile(main, format="png", ppi=110)
        listed = pages if isinstance(pages, list) else [pages or b""]
        return json.dumps([base64.b64encode(page).decode() for page in listed]).encode()
    made = compiler.compile(main, format="pdf", pdf_standards=STANDARDS, timestamp=order["at"])
    return made if isinstance(made, bytes) else b""


def _printable(data: str) -> str:
    """JSON in which every character is one that our own fonts have, none of them for private use."""
    drawn = set.intersection(*(_drawn(font.read_bytes()) for font in sorted(FONTS.glob("*.ttf"))))
    drawn -= {*range(0xE000, 0xF900), *range(0x7F, 0xA0), 0xFEFF}
    text = json.dumps(json.loads(data), ensure_ascii=False)
    kept = (letter if ord(letter) in drawn or letter == "\n" else _INSTEAD for letter in text)
    return re.sub(f"{_INSTEAD}+", _INSTEAD, "".join(kept))


def _drawn(font: bytes) -> set[int]:
    """The characters that a font has glyphs for, by its table `cmap` of format 4 (OpenType 1.9)."""
    tables = {font[at : at + 4]: unpack_from(">I", font, at + 8)[0] for at in range(12, _end(font), 16)}
    cmap = tables[b"cmap"]
    count = unpack_from(">H", font, cmap + 2)[0]
    parts = [cmap + unpack_from(">I", font, cmap + 8 + 8 * number)[0] for number in range(count)]
    return {code for part in parts if unpack_from(">H", font, part)[0] == 4 for code in _segments(font, part)}


def _end(font: bytes) -> int:
    return int(12 + 16 * unpack_from(">H", font, 4)[0])


def _segments(font: bytes, part: int) -> Iterator[int]:
    size = unpack_from(">H", font, part + 6)[0]
    ends = unpack_from(f">{size // 2}H", font, part + 14)
    starts = unpack_from(f">{size // 2}H", font, part + 16 + size)
    for start, end in zip(starts, ends, strict=True):
        if start < 0xFFFF:
            yield from range(start, end + 1)


if __name__ == "__main__":
    sys.exit(main())
