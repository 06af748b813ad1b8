"""Built files are served compressed, for ever, and nothing else is."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import httpx
import pytest

from shared.web.assets import Assets, NotBuilt

CSS = b"body { color: black }"
FONT = b"wOF2 font"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    built = tmp_path / "static"
    built.mkdir()
    (tmp_path / "secret.css").write_bytes(b"outside")
    (built / "site.ABC.css").write_bytes(CSS)
    (built / "site.ABC.css.br").write_bytes(brotli.compress(CSS))
    (built / "site.ABC.css.gz").write_bytes(b"gzipped")
    (built / "worker.GHI.js").write_bytes(b"self")
    (built / "Fira.DEF.woff2").write_bytes(FONT)
    (built / "manifest.json").write_text(json.dumps({"site.css": "site.ABC.css", "Fira.woff2": "Fira.DEF.woff2"}))
    return built


@pytest.fixture
async def browser(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=Assets.built(folder))
    async with httpx.AsyncClient(transport=transport, base_url="http://town.example") as client:
        client.headers.pop("accept-encoding")
        yield client


def test_a_name_leads_to_its_hashed_path(folder: Path) -> None:
    assert Assets.built(folder).url("site.css") == "/assets/site.ABC.css"


def test_a_name_that_was_not_built_is_an_error(folder: Path) -> None:
    with pytest.raises(KeyError):
        Assets.built(folder).url("other.css")


def test_without_a_build_the_error_names_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(NotBuilt, match="make"):
        Assets.built(tmp_path)


async def test_a_file_may_be_kept_for_ever(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/assets/site.ABC.css")
    assert answer.content == CSS
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["vary"] == "accept-encoding"
    assert "content-encoding" not in answer.headers


async def test_only_the_worker_may_stand_before_other_pages(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/assets/worker.GHI.js")).headers["service-worker-allowed"] == "/"
    assert "service-worker-allowed" not in (await browser.get("/assets/site.ABC.css")).headers


@pytest.mark.parametrize(
    ("accepted", "sent"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("GZIP", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("br; q=0.0, gzip; q=0", None),
        ("*", "br"),
        ("identity", None),
        ("brx", None),
    ],
)
async def test_the_reader_chooses_the_encoding(browser: httpx.AsyncClient, accepted: str, sent: str | None) -> None:
    async with browser.stream("GET", "/assets/site.ABC.css", headers={"accept-encoding": accepted}) as answer:
        assert answer.headers.get("content-encoding") == sent


async def test_brotli_unpacks_to_the_same_bytes(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/assets/site.ABC.css", headers={"accept-encoding": "br"})
    assert answer.content == CSS


async def test_a_font_is_sent_as_it_is(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/assets/Fira.DEF.woff2", headers={"accept-encoding": "br, gzip"})
    assert (answer.content, answer.headers["content-type"]) == (FONT, "font/woff2")
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
async def test_who_has_it_already_gets_304(browser: httpx.AsyncClient, form: str) -> None:
    tag = (await browser.get("/assets/site.ABC.css")).headers["etag"]
    again = await browser.get("/assets/site.ABC.css", headers={"if-none-match": form.format(tag)})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)


async def test_encodings_have_tags_of_their_own(browser: httpx.AsyncClient) -> None:
    plain = (await browser.get("/assets/site.ABC.css")).headers["etag"]
    packed = (await browser.get("/assets/site.ABC.css", headers={"accept-encoding": "br"})).headers["etag"]
    assert plain != packed


async def test_head_tells_the_length_without_the_body(browser: httpx.AsyncClient) -> None:
    answer = await browser.head("/assets/site.ABC.css")
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", str(len(CSS)))


@pytest.mark.parametrize(
    "path",
    [
        "/assets/",
        "/assets/nothing.css",
        "/assets/site.css",
        "/assets/manifest.json",
        "/assets/site.ABC.css.br",
        "/assets/../secret.css",
        "/assets/%2e%2e/secret.css",
        "/assets//etc/passwd",
        "/assets/site.ABC.css/",
    ],
)
async def test_nothing_else_is_served(folder: Path, path: str) -> None:
    answer = await _raw(Assets.built(folder), httpx.URL(f"http://town.example{path}").path, path)
    assert answer == 404


async def _raw(app: Assets, path: str, written: str) -> int:
    """Asks past the client, which would tidy the path first."""
    told: list[int] = []

    async def send(message: dict[str, object]) -> None:
        if message["type"] == "http.response.start":
            told.append(message["status"])  # type: ignore[arg-type]

    async def receive() -> dict[str, object]:
        return {"type": "http.request"}

    for one in {path, written}:
        scope = {"type": "http", "method": "GET", "path": one, "headers": []}
        await app(scope, receive, send)  # type: ignore[arg-type]
    assert len(set(told)) == 1
    return told[0]


async def test_only_reading_is_possible(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/assets/site.ABC.css")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
