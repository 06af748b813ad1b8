"""What every service may show beside an id: names of people and titles of what is published, sealed in NATS buckets.

Names are written by marketplace alone; titles by the service that owns the thing. A reader keeps what it read for a
minute, so a forgotten name is gone everywhere a minute later at the latest.
"""

import asyncio
import hmac
import os
import re
import time
from collections.abc import Callable, Iterable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from nats.js import JetStreamContext

from shared.access.buckets import Bucket

KEPT_SECONDS, UNKNOWN_SECONDS = 60.0, 2.0
LARGEST_CACHE = 20_000

_NONCE = 12
_PART = re.compile(r"[A-Za-z0-9_-]+")


class Directory:
    """Texts by key, each sealed with AES-256-GCM and bound to its key; `secret` is the deployment's, 32 bytes.

    `clock` counts seconds, for the cache only.
    """

    def __init__(self, bucket: Bucket, name: str, secret: bytes, clock: Callable[[], float]) -> None:
        if len(secret) != 32:
            raise ValueError("the deployment's key has 32 bytes")
        self._bucket, self._name, self._clock = bucket, name, clock
        self._cipher = AESGCM(hmac.digest(secret, f"directory/{name}".encode(), "sha256"))
        self._cache: dict[str, tuple[float, str | None]] = {}

    async def write(self, text: str, *key: str) -> None:
        """Puts `text` under `key`, or changes it."""
        joined = _joined(key)
        nonce = os.urandom(_NONCE)
        sealed = nonce + self._cipher.encrypt(nonce, text.encode(), self._bound(joined))
        await self._bucket.write(joined, sealed)
        self._keep(joined, text)

    async def read(self, *key: str) -> str | None:
        """The text under `key`, at most a minute old; None where there is none, or it was sealed for another place."""
        joined = _joined(key)
        until, text = self._cache.get(joined, (0.0, None))
        if self._clock() < until:
            return text
        held = await self._bucket.read(joined)
        return self._keep(joined, None if held.value is None else self._open(joined, held.value))

    async def read_all(self, keys: Iterable[tuple[str, ...]]) -> dict[tuple[str, ...], str]:
        """The texts under `keys`, asked for side by side; those without a text are left out."""
        wanted = list(dict.fromkeys(keys))
        texts = await asyncio.gather(*(self.read(*key) for key in wanted))
        return {key: text for key, text in zip(wanted, texts, strict=True) if text is not None}

    async def forget(self, *key: str) -> None:
        """Purges the text; no copy stays in the bucket."""
        await self._bucket.remove(_joined(key))
        self._keep(_joined(key), None)

    def _open(self, key: str, sealed: bytes) -> str | None:
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], self._bound(key)).decode()
        except (InvalidTag, ValueError):
            return None  # of another key of the deployment, or moved here: as good as absent until written again

    def _bound(self, key: str) -> bytes:
        return f"{self._name}/{key}".encode()

    def _keep(self, key: str, text: str | None) -> str | None:
        self._cache.pop(key, None)
        while len(self._cache) >= LARGEST_CACHE:
            del self._cache[next(iter(self._cache))]  # dicts keep their order: the one read longest ago
        self._cache[key] = (self._clock() + (UNKNOWN_SECONDS if text is None else KEPT_SECONDS), text)
        return text


async def people(
    js: JetStreamContext, secret: bytes, *, replicas: int = 1, clock: Callable[[], float] = time.monotonic
) -> Directory:
    """Display names under (municipality, pseudonym)."""
    return Directory(await Bucket.open(js, "people", replicas=replicas), "people", secret, clock)


async def titles(
    js: JetStreamContext, secret: bytes, *, replicas: int = 1, clock: Callable[[], float] = time.monotonic
) -> Directory:
    """Titles of published things under (municipality, kind, id), as `("dresden", "project", id)`."""
    return Directory(await Bucket.open(js, "titles", replicas=replicas), "titles", secret, clock)


def _joined(key: tuple[str, ...]) -> str:
    if len(key) < 2 or not all(_PART.fullmatch(part) for part in key):
        raise ValueError(f"no key of a directory: {key!r}")
    return ".".join(key)
