"""A page of plain text as a PDF: what people of the demo and the walkthrough hand in where rules ask for a paper."""

from collections.abc import Iterable


def page(title: str, lines: Iterable[str]) -> bytes:
    """One A4 page in Helvetica (ISO 32000-1, WinAnsi); lines that do not fit are cut off by the paper."""
    drawn = ["BT /F1 18 Tf 72 760 Td 24 TL", f"{_text(title)} Tj T* /F1 11 Tf"]
    content = "\n".join([*drawn, *(f"T* {_text(line)} Tj" for line in lines), "ET"]).encode("cp1252", "replace")
    return _file(
        [
            b"<< /Type /Catalog /Pages 2 0 R /Lang (de-DE) >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> >>",
            b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content),
            b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        ]
    )


def _text(line: str) -> str:
    escaped = line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return f"({escaped})"


def _file(objects: list[bytes]) -> bytes:
    body, starts = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        starts.append(len(body))
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    rows = b"".join(b"%010d 00000 n \n" % start for start in starts)
    size = len(objects) + 1
    table = b"xref\n0 %d\n0000000000 65535 f \n%b" % (size, rows)
    return body + table + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(body))
