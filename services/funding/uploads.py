"""What a file really is, seen from its bytes and not from its name: a PDF or a picture, and not too much of either."""

from collections.abc import Iterator

from services.funding.domain.attachment import PaperKind
from shared.web.forms import Fault, Invalid

LARGEST = 10_000_000  # bytes
MOST_PIXELS = 50_000_000  # a small file may hold a picture that no memory holds
_PNG, _JPEG, _PDF = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"%PDF-"
_SIZED = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
MEDIA: dict[PaperKind, str] = {"pdf": "application/pdf", "png": "image/png", "jpeg": "image/jpeg"}


def paper_kind(body: bytes, field: str, *, pictures: bool = True) -> PaperKind:
    """The kind of a file that was posted as `field`. Raises `Invalid` for what is empty, too big or something else."""
    if not body:
        raise Invalid({field: Fault("missing")})
    if len(body) > LARGEST:
        raise Invalid({field: Fault("file_too_big", {"megabytes": LARGEST // 1_000_000})})
    kind = kind_of(body)
    if kind is None or (kind != "pdf" and not pictures):
        raise Invalid({field: Fault("not_a_paper" if pictures else "not_a_pdf")})
    if kind != "pdf" and not 0 < _pixels(kind, body) <= MOST_PIXELS:
        raise Invalid({field: Fault("not_a_paper")})
    return kind


def kind_of(body: bytes) -> PaperKind | None:
    """By the first bytes; None for everything that is not taken: SVG, HTML, archives, office files."""
    if body.startswith(_PDF):
        return "pdf"
    if body.startswith(_PNG):
        return "png"
    return "jpeg" if body.startswith(_JPEG) else None


def _pixels(kind: PaperKind, body: bytes) -> int:
    """Width times height as the file's head says; 0 where it does not."""
    if kind == "png":
        wide, high = body[16:20], body[20:24]
        return int.from_bytes(wide) * int.from_bytes(high) if body[12:16] == b"IHDR" else 0
    frame = next((part for marker, part in _segments(body) if marker in _SIZED), b"")
    return int.from_bytes(frame[1:3]) * int.from_bytes(frame[3:5])


def _segments(body: bytes) -> Iterator[tuple[int, bytes]]:
    """The segments of a JPEG up to its first scan: marker and content (ITU-T T.81, B.1.1)."""
    at = 2
    while at + 4 <= len(body) and body[at] == 0xFF and body[at + 1] != 0xDA:
        length = int.from_bytes(body[at + 2 : at + 4])
        yield body[at + 1], body[at + 4 : at + 2 + length]
        at += 2 + max(length, 2)
