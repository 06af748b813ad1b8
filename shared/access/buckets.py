"""Key-value buckets in NATS, with what nats-py's own lack: compare-and-set together with an expiry per key."""

from collections import OrderedDict
from contextlib import suppress
from typing import Any, Generic, NamedTuple, TypeVar

from nats.js import JetStreamContext
from nats.js.api import KeyValueConfig
from nats.js.errors import APIError, BadRequestError, KeyNotFoundError, NoStreamResponseError
from nats.js.kv import KeyValue

_WRONG_LAST_SEQUENCE = (10071, 10164)
_NAME_IN_USE = 10058
_MARKER_SECONDS = 3600

T = TypeVar("T")


class Changed(Exception):
    """Somebody else wrote the key since it was read."""


class Held(NamedTuple):
    """What a key holds; `revision` is that of the value or of the mark that a removed one left, 0 without both."""

    value: bytes | None
    revision: int


class Memory(Generic[T]):
    """What a process last read or wrote of each key, with its revision, for those who may try that first: whoever
    writes by compare-and-set is told when it is out of date. Keeps the latest `size` keys."""

    def __init__(self, size: int = 4096) -> None:
        self._size, self._known = size, OrderedDict[str, tuple[T, int]]()

    def keep(self, key: str, value: T, revision: int) -> None:
        self._known[key] = (value, revision)
        self._known.move_to_end(key)
        if len(self._known) > self._size:
            self._known.popitem(last=False)

    def take(self, key: str) -> tuple[T, int] | None:
        """What is known, once: who finds it out of date reads anew."""
        return self._known.pop(key, None)


class Bucket:
    """One bucket with history 1. Keys are ASCII, their parts separated by dots; values are bytes."""

    def __init__(self, js: JetStreamContext, config: KeyValueConfig, kv: KeyValue) -> None:
        self._js, self._config, self._kv = js, config, kv

    @classmethod
    async def open(cls, js: JetStreamContext, name: str, **settings: Any) -> "Bucket":
        """Creates the bucket or binds the one that exists; `settings` are those of nats-py's `KeyValueConfig`."""
        config = KeyValueConfig(bucket=name, **settings)
        return cls(js, config, await _create(js, config))

    async def read(self, key: str) -> Held:
        try:
            entry = await self._kv.get(key)
        except KeyNotFoundError as error:
            return Held(None, error.entry.revision if error.entry else 0)
        return Held(entry.value or b"", entry.revision or 0)

    async def write(self, key: str, value: bytes, *, revision: int | None = None, seconds: float | None = None) -> int:
        """Writes if the key still has `revision` (None: whatever it has); the new revision. Raises `Changed`.

        The key vanishes after `seconds` (whole ones), or when the bucket's own time is up.
        """
        expected = {} if revision is None else {"Nats-Expected-Last-Subject-Sequence": str(revision)}
        try:
            return await self._publish(key, value, expected, seconds)
        except NoStreamResponseError:  # a bucket in memory is gone when its broker restarts; nothing in it counted
            await _create(self._js, self._config)
            return await self._publish(
                key, value, {} if revision is None else expected | dict.fromkeys(expected, "0"), seconds
            )

    async def remove(self, key: str) -> None:
        """Purges the value; the mark that stays behind vanishes after an hour."""
        with suppress(NoStreamResponseError):  # the bucket itself is gone, and the key with it
            await self._kv.purge(key, msg_ttl=_MARKER_SECONDS)

    async def keys(self, prefix: str) -> list[str]:
        """The keys below `prefix`, marks of removed ones too; asked of the stream itself: no consumer, no watcher."""
        start = f"$KV.{self._config.bucket}."
        info = await self._js.stream_info(f"KV_{self._config.bucket}", subjects_filter=f"{start}{prefix}.>")
        return sorted(subject.removeprefix(start) for subject in info.state.subjects or {})

    async def _publish(self, key: str, value: bytes, headers: dict[str, str], seconds: float | None) -> int:
        subject = f"$KV.{self._config.bucket}.{key}"
        try:
            return (await self._js.publish(subject, value, headers=dict(headers), msg_ttl=seconds)).seq
        except APIError as error:
            if error.err_code in _WRONG_LAST_SEQUENCE:
                raise Changed(key) from error
            raise


async def _create(js: JetStreamContext, config: KeyValueConfig) -> KeyValue:
    try:
        return await js.create_key_value(config)
    except BadRequestError as error:
        if error.err_code != _NAME_IN_USE:  # an older configuration: what it holds is worth more than the new one
            raise
        return await js.key_value(config.bucket)
