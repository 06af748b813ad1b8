"""Follows what is typed in meetings, keeps it in PostgreSQL, and puts it back where the broker has lost it."""

import asyncio
import secrets
from time import monotonic

import structlog
from msgspec import Struct, json
from msgspec.structs import replace

from services.events.adapters.shelf import Kept, Shelf
from services.events.domain.seating import GUEST
from shared.bus.documents import Documents
from shared.bus.edits import FORM, Edit, Edits, Loaded, Snapshot, Stored
from shared.documents import Replica
from shared.documents.cards import without_names
from shared.service import Service

log = structlog.get_logger()

QUIET, LATEST, ALARM = 2.0, 10.0, 60.0  # seconds
_PURGED_AFTER = 256  # messages of a document
_PREFIX = "meeting-"
_FIRST_CLIENT = 1000  # smaller ids are for what begins a document


class _Heard(Struct):
    """Of one document: its first and last message that is not on the shelf, and when they came."""

    first: int
    since: float
    last: int
    latest: float


class Archive:
    """One service's follower of meeting documents."""

    def __init__(self, service: Service, documents: Documents) -> None:
        self._service = service
        self._documents = documents
        self.shelf = Shelf(service.engine)
        self._stream = ""  # that is followed
        self._reached = self._noted = 0
        self._waiting: dict[tuple[str, str], _Heard] = {}
        self._messages: dict[tuple[str, str], int] = {}  # kept since the stream was last purged of them

    async def content(self, municipality: str, meeting: str) -> Kept:
        """Everything durable of a meeting's document; empty where nobody has written. Raises where it is unreadable."""
        loaded = await self._documents.load(municipality, _PREFIX + meeting)
        found = _whole(loaded, self._documents.stream)
        if loaded.snapshot is None or loaded.lost:  # what is not there any more is on the shelf
            kept = await self.shelf.read(municipality, meeting)
            if kept and kept.epoch >= found.epoch:
                state, owners = Replica(kept.state, found.state).state(), kept.owners | found.owners
                found = replace(found, epoch=kept.epoch, state=state, owners=owners)
        return found

    async def keep(self, municipality: str, meeting: str) -> Kept:
        """Puts a document on the shelf as it is now."""
        found = await self.content(municipality, meeting)
        await self.shelf.put(municipality, meeting, found)
        return found

    async def close(self, municipality: str, meeting: str) -> None:
        """Takes guests' names off their cards for good: in the document, on the shelf, in snapshot and stream.

        After the meeting, when guests cannot write any more. To be repeated when it fails; then it does what is left.
        """
        document, there = _PREFIX + meeting, await self.content(municipality, meeting)
        client = secrets.randbelow(2**32 - _FIRST_CLIENT) + _FIRST_CLIENT
        if update := without_names(there.state, GUEST, client):
            edits = Edits(FORM, there.epoch, "events", [Edit("events", update, (client,))])
            await self._documents.publish(municipality, document, edits)
            there = await self.content(municipality, meeting)
            await self._write(municipality, document, there)
            await self._documents.purge(municipality, document, there.sequence)
        await self.shelf.put(municipality, meeting, replace(there, nameless=True))

    async def follow(self) -> None:
        """Follows for ever, from the first message that may not be on the shelf; returns only by an error."""
        stream = await self._documents.ensure()
        former, sequence = await self.shelf.reached()
        if stream != former:
            await self._restore_all(stream)
            sequence = 0
        self._waiting.clear()
        self._stream, self._reached, self._noted = stream, sequence, sequence
        await self._documents.follow(self._hear, sequence)

    async def keep_for_ever(self) -> None:
        """Keeps what `follow` has heard of, after two seconds of quiet, or ten at the latest."""
        while True:
            await asyncio.sleep(QUIET / 4)
            now = monotonic()
            for key, heard in list(self._waiting.items()):
                if now - heard.latest >= QUIET or now - heard.since >= LATEST:
                    await self._try(key, heard)
            await self._note()

    def _hear(self, municipality: str, document: str, stored: Stored | None, sequence: int) -> None:
        self._reached = sequence
        if not document.startswith(_PREFIX):
            return
        if stored is None:
            log.error("edits unreadable", municipality=municipality, document=document, sequence=sequence)
        key, now = (municipality, document.removeprefix(_PREFIX)), monotonic()
        heard = self._waiting.setdefault(key, _Heard(sequence, now, sequence, now))
        heard.last, heard.latest = sequence, now
        self._messages[key] = self._messages.get(key, 0) + 1

    async def _try(self, key: tuple[str, str], heard: _Heard) -> None:
        last = heard.last
        try:
            await self.keep(*key)
            if heard.last == last:
                self._waiting.pop(key, None)
            else:
                heard.first, heard.since = last + 1, monotonic()
            if self._messages.get(key, 0) >= _PURGED_AFTER:
                await self._documents.purge(key[0], _PREFIX + key[1], last)
                self._messages.pop(key, None)
        except Exception as error:  # it waits, and is tried again: nothing is lost in the stream
            late = monotonic() - heard.since > ALARM
            said = {"municipality": key[0], "meeting": key[1], "error": repr(error)[:200]}
            (log.error if late else log.warning)("meeting waits", **said)

    async def _note(self) -> None:
        """Notes how far everything is on the shelf, so that the next start need not read it again."""
        stream = self._stream
        reached = min([self._reached, *(heard.first - 1 for heard in self._waiting.values())])
        if reached > self._noted:
            try:
                await self.shelf.note(stream, reached)
            except Exception as error:
                log.warning("place not noted", error=repr(error)[:200])
                return
            if stream == self._stream:
                self._noted = reached

    async def _restore_all(self, live: str) -> None:
        """After a broker has lost its storage: what had been kept is put back in place."""
        for municipality in await self._service.municipalities():
            for meeting in await self.shelf.meetings(municipality):
                kept = await self.shelf.read(municipality, meeting)
                there = await self._documents.snapshot(municipality, _PREFIX + meeting)
                newer = there and (there.stream in (live, "") or there.stream != (kept.stream if kept else ""))
                if kept and kept.stream and not newer and (there is None or there.sequence < kept.sequence):
                    await self._write(municipality, _PREFIX + meeting, kept)

    async def _write(self, municipality: str, document: str, kept: Kept) -> None:
        snapshot = Snapshot(FORM, kept.epoch, kept.stream, kept.sequence, kept.state, kept.owners)
        await self._documents.keep(municipality, document, snapshot)


def _whole(loaded: Loaded, live: str) -> Kept:
    """What a snapshot and the messages after it make together."""
    snapshot = loaded.snapshot
    epoch, replica = snapshot.epoch if snapshot else 0, Replica(*([snapshot.state] if snapshot else []))
    owners = dict(snapshot.owners) if snapshot else {}
    sequence = snapshot.sequence if snapshot and not loaded.lost else 0
    for stored in loaded.tail:
        sequence = stored.sequence
        for edit in stored.edits.edits if stored.edits.epoch == epoch else ():
            replica.apply(edit.update)
            for client in edit.clients:
                owners.setdefault(client, edit.person)
    stream = snapshot.stream if snapshot and loaded.lost and not loaded.tail else live
    return Kept(epoch=epoch, stream=stream, sequence=sequence, state=replica.state(), owners=owners)


def revoked(meeting: str, person: str) -> bytes:
    """What tells gateways to close a document to somebody."""
    return json.encode({"document": _PREFIX + meeting, "person": person})
