"""Serves what the build made under names that never change their content."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from msgspec import Struct

_STATIC = Path(__file__).with_name("static")
_PREFIX = "/assets/"
_WORKER = "worker."  # the script that pages under any path may let stand between them and the network
_KINDS = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
_ENCODINGS = {"br": ".br", "gzip": ".gz"}  # best first

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


class NotBuilt(Exception):
    """The pages have no styles and scripts yet."""


class _File(Struct, frozen=True):
    """A built file: its name, kind, digest, and its bytes by content encoding ("" is plain)."""

    name: str
    kind: str
    digest: str
    bodies: Mapping[str, bytes]


class Assets:
    """The built files, kept in memory; an ASGI app for `/assets/<hashed name>`."""

    def __init__(self, names: Mapping[str, str], files: Mapping[str, _File]) -> None:
        self._names = dict(names)
        self._files = dict(files)

    @classmethod
    def built(cls, folder: Path = _STATIC) -> Assets:
        """Reads the last build. Raises `NotBuilt` where there is none."""
        try:
            names = json.loads((folder / "manifest.json").read_bytes())
        except FileNotFoundError as error:
            raise NotBuilt("The pages' styles and scripts are not built yet: run `make run` or `make test`.") from error
        return cls(names, {path.name: _read(path) for path in sorted(folder.iterdir()) if path.suffix in _KINDS})

    def url(self, name: str) -> str:
        """The path of an asset, such as `site.css`. Raises `KeyError` for one that was not built."""
        return _PREFIX + self._names[name]

    def plain(self, path: str) -> tuple[str, bytes] | None:
        """Content type and bytes of a built file by its path, uncompressed; None where nothing was built."""
        file = self._files.get(path.removeprefix(_PREFIX))
        return (file.kind, file.bodies[""]) if file else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers GET and HEAD; who knows the digest already gets 304. Anything that was not built is 404."""
        file = self._files.get(scope["path"].removeprefix(_PREFIX))
        if scope["method"] not in ("GET", "HEAD"):
            await _answer(send, 405, [(b"allow", b"GET, HEAD")])
        elif file is None:
            await _answer(send, 404, [(b"cache-control", b"no-store")])
        else:
            await self._serve(file, dict(scope["headers"]), scope["method"] == "HEAD", send)

    async def _serve(self, file: _File, asked: Mapping[bytes, bytes], head: bool, send: Send) -> None:
        encoding = _encoding(asked.get(b"accept-encoding", b"").decode("latin-1"), file.bodies)
        body = file.bodies[encoding]
        tag = f'"{file.digest}{encoding and "-" + encoding}"'.encode()
        headers: Headers = [
            (b"etag", tag),
            (b"cache-control", b"public, max-age=31536000, immutable"),
            (b"vary", b"accept-encoding"),
        ]
        if _knows(asked.get(b"if-none-match", b""), tag):
            await _answer(send, 304, headers)
            return
        if file.name.startswith(_WORKER):
            headers.append((b"service-worker-allowed", b"/"))
        headers += [(b"content-type", file.kind.encode()), (b"content-length", str(len(body)).encode())]
        if encoding:
            headers.append((b"content-encoding", encoding.encode()))
        await _answer(send, 200, headers, b"" if head else body)


def _read(path: Path) -> _File:
    plain = path.read_bytes()
    beside = {name: path.with_name(path.name + suffix) for name, suffix in _ENCODINGS.items()}
    packed = {name: other.read_bytes() for name, other in beside.items() if other.is_file()}
    return _File(path.name, _KINDS[path.suffix], sha256(plain).hexdigest()[:16], {"": plain} | packed)


def _encoding(accepted: str, bodies: Mapping[str, bytes]) -> str:
    """The best encoding that the reader takes and the file has (RFC 9110, 12.5.3); q=0 is a refusal."""
    taken = set()
    for one in accepted.split(","):
        name, _, weight = one.partition(";")
        refused = weight.replace(" ", "").removeprefix("q=").strip("0.") == "" and weight != ""
        if not refused:
            taken.add(name.strip().lower())
    return next((name for name in _ENCODINGS if name in bodies and (name in taken or "*" in taken)), "")


def _knows(sent: bytes, tag: bytes) -> bool:
    """Whether `If-None-Match` names the tag; weak comparison (RFC 9110, 13.1.2)."""
    return sent.strip() == b"*" or tag in [one.strip().removeprefix(b"W/") for one in sent.split(b",")]


async def _answer(send: Send, status: int, headers: Headers, body: bytes = b"") -> None:
    start = [*headers, (b"x-content-type-options", b"nosniff")]
    await send({"type": "http.response.start", "status": status, "headers": start})
    await send({"type": "http.response.body", "body": body})
