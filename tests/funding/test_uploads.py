import pytest

from services.funding.uploads import LARGEST, paper_kind
from shared.web.forms import Invalid


def png(wide: int, high: int) -> bytes:
    head = wide.to_bytes(4) + high.to_bytes(4) + b"\x08\x02\0\0\0"
    return b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4) + b"IHDR" + head + b"\0\0\0\0"


def jpeg(wide: int, high: int) -> bytes:
    app0 = b"\xff\xe0" + (16).to_bytes(2) + b"JFIF\0" + bytes(9)
    frame = b"\xff\xc0" + (17).to_bytes(2) + b"\x08" + high.to_bytes(2) + wide.to_bytes(2) + bytes(10)
    return b"\xff\xd8" + app0 + frame + b"\xff\xda"


@pytest.mark.parametrize(("body", "kind"), [(b"%PDF-1.7\n", "pdf"), (png(800, 600), "png"), (jpeg(4000, 3000), "jpeg")])
def test_a_file_is_what_its_bytes_say(body: bytes, kind: str):
    assert paper_kind(body, "file") == kind


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "missing"),
        (b"%PDF-" + bytes(LARGEST), "file_too_big"),
        (b"<svg onload='alert(1)'/>", "not_a_paper"),
        (b"<!doctype html><script>", "not_a_paper"),
        (b"PK\x03\x04", "not_a_paper"),
        (b"GIF89a", "not_a_paper"),
        (png(60_000, 60_000), "not_a_paper"),
        (jpeg(65_535, 65_535), "not_a_paper"),
        (png(0, 10), "not_a_paper"),
        (b"\x89PNG\r\n\x1a\n", "not_a_paper"),
        (b"\xff\xd8\xff", "not_a_paper"),
        (b"\xff\xd8\xff\xe0\0\0" * 10, "not_a_paper"),
    ],
)
def test_what_is_no_paper_or_would_burst_a_memory_is_refused(body: bytes, code: str):
    with pytest.raises(Invalid) as invalid:
        paper_kind(body, "file")
    assert invalid.value.faults["file"].code == code


def test_a_statement_is_a_pdf():
    with pytest.raises(Invalid) as invalid:
        paper_kind(png(10, 10), "statement", pictures=False)
    assert invalid.value.faults["statement"].code == "not_a_pdf"
