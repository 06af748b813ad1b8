"""How often somebody may try: counted for all processes together, per account or per trusted address."""

import asyncio
import ipaddress
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeAlias

from msgspec import Struct
from nats.js import JetStreamContext
from nats.js.api import StorageType

from shared.access.buckets import Bucket, Changed, Memory

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

_DAY = 86_400
_STRIPES = 256


class Limit(Struct, frozen=True):
    """`hits` at once, and as many again evenly over `seconds`; `name` keeps limits apart."""

    name: str
    hits: int
    seconds: int


class Verdict(Struct, frozen=True):
    """`wait` seconds until the next hit is allowed, for `Retry-After`; 0 when this one was."""

    allowed: bool
    wait: float


class Limits:
    """Rate limits over a bucket in memory, one number a subject: the generic cell rate algorithm (ITU-T I.371).

    The number is the moment at which everything taken so far would have been earned again. It is written by
    compare-and-set: reading and writing alone counted 50 parallel hits as one.
    """

    def __init__(self, bucket: Bucket, clock: Callable[[], float]) -> None:
        self._bucket, self._clock = bucket, clock
        self._memory = Memory[float]()
        self._queues = [asyncio.Lock() for _ in range(_STRIPES)]  # one process does not fight with itself

    @classmethod
    async def open(cls, js: JetStreamContext, *, replicas: int = 1, clock: Callable[[], float] = time.time) -> "Limits":
        settings: dict[str, Any] = {"storage": StorageType.MEMORY, "ttl": _DAY, "replicas": replicas}
        return cls(await Bucket.open(js, "limits", **settings), clock)

    async def hit(self, limit: Limit, subject: str) -> Verdict:
        """Takes one hit of `limit` for `subject` (an account, or `neighbourhood` of an address), if one is left."""
        digest = sha256(subject.encode("utf-8", "replace")).hexdigest()
        async with self._queues[int(digest[:8], 16) % _STRIPES]:
            while True:
                try:
                    return await self._take(limit, f"{limit.name}.{digest[:32]}")
                except Changed:
                    continue

    async def _take(self, limit: Limit, key: str) -> Verdict:
        known = self._memory.take(key)
        if known is None or self._wait(limit, known[0]):  # a refusal is never given from memory
            known = await self._read(key)
        counted, revision = known
        if wait := self._wait(limit, counted):
            return Verdict(False, wait)
        now = self._clock()
        earned = max(counted, now) + limit.seconds / limit.hits
        written = await self._bucket.write(key, repr(earned).encode(), revision=revision, seconds=earned - now + 1)
        self._memory.keep(key, earned, written)
        return Verdict(True, 0.0)

    def _wait(self, limit: Limit, counted: float) -> float:
        """Seconds until the next hit is allowed, 0 if it is now."""
        now = self._clock()
        wait = max(counted, now) + limit.seconds / limit.hits - now - limit.seconds
        return wait if wait > 1e-6 * limit.seconds else 0.0

    async def _read(self, key: str) -> tuple[float, int]:
        held = await self._bucket.read(key)
        return float(held.value or 0), held.revision


def trusted_address(scope: Mapping[str, Any], proxies: Iterable[Network]) -> str:
    """The address of the client of an ASGI request: what the last trusted proxy saw, never what the client claims.

    `X-Forwarded-For` is read from the right, and only as far as its entries are `proxies`. "" without a client.
    """
    trusted = tuple(proxies)
    client = _address((scope.get("client") or ("",))[0])
    if client is None or not _within(client, trusted):
        return str(client or "")
    for claimed in reversed(_forwarded(scope.get("headers") or ())):
        address = _address(claimed)
        if address is None:
            break
        client = address
        if not _within(client, trusted):
            break
    return str(client)


def neighbourhood(address: str) -> str:
    """What counts as one client: an IPv4 address, or the /64 that one IPv6 customer has to itself."""
    found = _address(address)
    if isinstance(found, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found or address)


def _forwarded(headers: Sequence[tuple[bytes, bytes]]) -> list[str]:
    lines = [value.decode("latin-1") for name, value in headers if name.lower() == b"x-forwarded-for"]
    return ",".join(lines).split(",") if lines else []


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(text.strip())
    except ValueError:
        return None
    return found.ipv4_mapped or found if isinstance(found, ipaddress.IPv6Address) else found


def _within(address: ipaddress.IPv4Address | ipaddress.IPv6Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)
