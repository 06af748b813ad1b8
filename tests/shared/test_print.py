"""The press: PDFs that everybody can read, always the same bytes, whatever people have typed."""

import asyncio
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from pypdf import PdfReader

from shared.print import Press, PrintFailed
from tests.paper import standards, tags, text

SAMPLE = "tests/shared/print_sample.typ"
AT = datetime(2026, 11, 22, 13, 30, tzinfo=UTC)


def span(text: str, **style: Any) -> dict[str, Any]:
    return {"text": text, "bold": False, "italic": False, "link": ""} | style


def block(kind: str, *spans: dict[str, Any], depth: int = 0) -> dict[str, Any]:
    return {"kind": kind, "depth": depth, "spans": spans}


PROSE = (
    block("paragraph", span("Material, "), span("das übrig ist", bold=True), span(".", link="https://example.org")),
    block("item", span("leihen"), depth=1),
    block("numbered", span("zuerst"), depth=2),
    block("item", span("bauen"), depth=1),
    block("heading", span("Danach"), depth=3),
    block("quote", span("Zu gut\nfür die Tonne")),
)
DATA: dict[str, Any] = {
    "title": "Materialwerk Löbtau",
    "town": "Dresden",
    "rows": [[f"K{number}", "Regale", "1.234,50 €"] for number in range(1, 80)],
    "sum": "97.525,50 €",
    "prose": PROSE,
}


async def test_a_document_says_what_it_is_to_every_reader() -> None:
    made = await Press().pdf(SAMPLE, DATA, AT)
    reader = PdfReader(io.BytesIO(made))
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == "de-DE"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata
    assert reader.metadata.title == "Muster: Materialwerk Löbtau"
    assert standards(made) == (True, True)
    assert {"/H1", "/H2", "/P", "/L", "/LI", "/Table", "/TH", "/TD", "/Figure", "/Link"} <= tags(made)
    fonts: Any = reader.pages[0]["/Resources"]["/Font"]
    assert all("/FontFile2" in _described(font) or "/FontFile3" in _described(font) for font in fonts.values())


def _described(font: Any) -> Any:
    return font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object()


async def test_a_table_in_a_text_is_a_table_to_every_reader() -> None:
    typed = (
        block("table", depth=2),
        block("head", span("Was"), depth=1),
        block("head", span("Wer"), depth=2),
        block("cell", span("Räume\nfinden", bold=True), depth=1),
        block("cell", depth=2),
        block("table", depth=1),
        block("cell", span("x" * 300), depth=1),
        block("table", depth=2),
        block("head", span("nur"), depth=1),
        block("head", span("Köpfe"), depth=2),
        block("paragraph", span("Danach")),
    )
    made = await Press().pdf(SAMPLE, DATA | {"prose": typed, "rows": []}, AT)
    assert standards(made) == (True, True)
    assert {"/Table", "/TR", "/TH", "/TD"} <= tags(made)
    assert "Räume" in text(made)
    assert text(made).count("x") >= 300


async def test_the_same_words_give_the_same_bytes() -> None:
    assert await Press().pdf(SAMPLE, DATA, AT) == await Press().pdf(SAMPLE, DATA, AT)


async def test_what_people_type_is_never_a_program() -> None:
    evil = '#panic("x") $x^2$ *fett* <a> @b \\ `c` // d {{ e }} #read("/README.md") ~ --- "'
    read = text(await Press().pdf(SAMPLE, DATA | {"title": evil}, AT))
    assert '#panic("x") $x^2$ *fett* <a> @b \\ `c` // d {{ e }}' in read


async def test_letters_of_other_scripts_are_printed_and_pictures_replaced() -> None:
    read = text(await Press().pdf(SAMPLE, DATA | {"title": "Ольга grüßt Łukasz"}, AT))
    assert "Ольга grüßt Łukasz" in read
    read = text(await Press().pdf(SAMPLE, DATA | {"title": "Feuer 🔥🔥 日本 Ärger"}, AT))
    assert "Feuer \ufffd \ufffd Ärger" in read


@pytest.mark.parametrize(
    "odd", ["\ue000\uf8ff\ufeff\x7f\x80\x9f", "अ \u0300 ש \u0301 ع \u202e\u2028\u200d\ufffe\uffff"]
)
async def test_no_letter_spoils_a_document(odd: str) -> None:
    assert "Davor" in text(await Press().pdf(SAMPLE, DATA | {"title": f"Davor {odd} danach"}, AT))


async def test_no_block_spoils_a_document() -> None:
    odd = (
        block("heading", depth=1),
        block("heading", span("  \n"), depth=1),
        block("heading", span("a" * 40_000), depth=1),
        block("paragraph", span("weit", link="https://example.org/" + "a" * 40_000)),
        block("paragraph", span("", link="https://example.org/")),
        block("item", depth=1),
        block("quote"),
    )
    assert standards(await Press().pdf(SAMPLE, DATA | {"prose": odd}, AT)) == (True, True)


async def test_words_that_no_line_could_hold_are_broken() -> None:
    made = await Press().pdf(SAMPLE, DATA | {"title": "x" * 300, "rows": [["K1", "y" * 300, "1,00 €"]]}, AT)
    assert text(made).count("y") == 300
    lines = [line for page in PdfReader(io.BytesIO(made)).pages for line in page.extract_text().split("\n")]
    assert max(map(len, lines)) < 120


async def test_many_wait_for_their_turn() -> None:
    press = Press(most=1, seconds=60)
    made = await asyncio.gather(*(press.pdf(SAMPLE, DATA | {"title": f"Nummer {number}"}, AT) for number in range(3)))
    assert [f"Nummer {number}" in text(one) for number, one in enumerate(made)] == [True] * 3


async def test_a_picture_without_words_is_no_document() -> None:
    with pytest.raises(PrintFailed, match="alt"):
        await Press().pdf("tests/shared/print_without_alt.typ", {}, AT)


async def test_nobody_waits_for_ever() -> None:
    with pytest.raises(TimeoutError):
        await Press(seconds=0.001).pdf(SAMPLE, DATA, AT)


async def test_pages_can_be_looked_at() -> None:
    pages = await Press().pictures(SAMPLE, DATA, AT)
    assert len(pages) == 3
    assert all(page.startswith(b"\x89PNG") for page in pages)
