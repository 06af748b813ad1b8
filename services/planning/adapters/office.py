"""The document office: follows what is typed into plans, and writes into the log who changed what.

The stream of documents is the order. Edits are recorded after two seconds of quiet, or ten at the latest, one event a
stretch; the log alone can rebuild every document, and says how far it has come, so that nothing is recorded twice.
"""

import asyncio
import unicodedata
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import structlog
from msgspec.structs import asdict

from services.planning.domain.edits import Burst, Changed, EditsRecorded, RecordEdits
from services.planning.domain.plan import PlanOpened
from services.planning.views.plans import reached
from shared.bus.documents import Documents
from shared.bus.edits import FORM, Edit, Snapshot, Stored
from shared.documents import Replica, merged, seed_plan
from shared.ids import following
from shared.message import Context
from shared.plans import changes
from shared.service import Service
from shared.store import Recorded

log = structlog.get_logger()

QUIET, LATEST = 2.0, 10.0  # seconds
_LISTED = 40  # changes that one burst lists; the rest is counted
_PREFIX = "plan-"
_LONGEST_TEXT = 500


@dataclass
class _Waiting:
    """What has been heard of one document and is not in the log yet."""

    since: float = field(default_factory=monotonic)
    latest: float = field(default_factory=monotonic)
    edits: list[tuple[int, Edit]] = field(default_factory=list)


class Office:
    """One service's follower of plan documents; people stand here by their pseudonyms only."""

    def __init__(self, service: Service, documents: Documents) -> None:
        self._service = service
        self._documents = documents
        self._waiting: dict[tuple[str, str], _Waiting] = {}
        self._replicas: dict[tuple[str, str], Replica] = {}  # as the log has them
        self._turns: dict[tuple[str, str], asyncio.Lock] = {}

    async def seed(self, municipality: str, recorded: Sequence[Recorded]) -> None:
        """Begins the document of every plan that has just been opened, so that all who type first share its start."""
        for one in recorded:
            document = _PREFIX + one.id
            if not isinstance(one.event, PlanOpened) or await self._documents.snapshot(municipality, document):
                continue
            if not await self._documents.last(municipality, document):
                stream = await self._documents.ensure()
                await self._documents.keep(municipality, document, Snapshot(FORM, 0, stream, 0, seed_plan(), {1: ""}))

    async def content(self, municipality: str, project: str) -> tuple[bytes, int]:
        """Everything durable of a plan's document as one update, and the sequence of its last edit."""
        loaded = await self._documents.load(municipality, _PREFIX + project)
        replica = Replica(loaded.snapshot.state if loaded.snapshot else seed_plan())
        sequence = loaded.snapshot.sequence if loaded.snapshot else 0
        epoch = loaded.snapshot.epoch if loaded.snapshot else 0
        for stored in loaded.tail:
            if stored.edits.epoch == epoch:
                for edit in stored.edits.edits:
                    replica.apply(edit.update)
            sequence = stored.sequence
        return replica.state(), sequence

    async def follow(self) -> None:
        """Follows for ever, from the first edit that the stream still holds."""
        await self._documents.ensure()
        recording = asyncio.create_task(self._record_for_ever())
        try:
            await self._documents.follow(self._hear, 0)
        finally:
            recording.cancel()

    async def record(self, municipality: str, project: str) -> None:
        """Writes into the log what waits of one plan."""
        key = (municipality, project)
        async with self._turns.setdefault(key, asyncio.Lock()):
            waiting = self._waiting.pop(key, None)
            if waiting is None:
                return
            try:
                await self._record(municipality, project, waiting)
            except Exception:
                newer = self._waiting.get(key)
                waiting.edits += newer.edits if newer else []
                self._waiting[key] = waiting
                self._replicas.pop(key, None)
                raise

    def _hear(self, municipality: str, document: str, stored: Stored | None, sequence: int) -> None:
        if not document.startswith(_PREFIX):
            return
        if stored is None:
            log.error("edits unreadable", municipality=municipality, document=document, sequence=sequence)
            return
        waiting = self._waiting.setdefault((municipality, document.removeprefix(_PREFIX)), _Waiting())
        waiting.latest = monotonic()
        waiting.edits += [(sequence, edit) for edit in stored.edits.edits]

    async def _record_for_ever(self) -> None:
        while True:
            await asyncio.sleep(QUIET / 4)
            now = monotonic()
            for key, waiting in list(self._waiting.items()):
                if now - waiting.latest >= QUIET or now - waiting.since >= LATEST:
                    try:
                        await self.record(*key)
                    except Exception as error:  # it waits, and is tried again: nothing is lost in the stream
                        log.warning("edits wait", municipality=key[0], project=key[1], error=repr(error)[:200])

    async def _record(self, municipality: str, project: str, waiting: _Waiting) -> None:
        stream = self._documents.stream
        async with self._service.reading(municipality) as connection:
            known = await reached(connection, municipality, project, stream)
        fresh = [(sequence, edit) for sequence, edit in waiting.edits if sequence > known]
        if not fresh:
            return
        replica = await self._replica(municipality, project)
        bursts = _bursts(replica, [edit for _, edit in fresh])
        until = fresh[-1][0]
        id = following(f"{municipality}/{project}/{stream}", until)
        command = RecordEdits(project=project, stream=stream, since=fresh[0][0], until=until, bursts=tuple(bursts))
        context = Context(by="planning", municipality=municipality, at=datetime.now(UTC), command_id=id)
        await self._service.handle("edits", id, command, context)

    async def _replica(self, municipality: str, project: str) -> Replica:
        """The document as the log has it."""
        key = (municipality, project)
        if key not in self._replicas:
            replica, after = Replica(seed_plan()), 0
            while entries := await self._service.store.entries(municipality, after, 500, project=project):
                for entry in entries:
                    event = self._service.codec.event(entry.type, entry.form, entry.body)
                    if isinstance(event, EditsRecorded):
                        for burst in event.bursts:
                            replica.apply(b64decode(burst.update))
                after = entries[-1].position
            self._replicas[key] = replica
        return self._replicas[key]


def _bursts(replica: Replica, edits: list[Edit]) -> list[Burst]:
    """One burst for each person, in the order in which they began; the replica moves on with them."""
    bursts, before = [], replica.plan()
    for person in dict.fromkeys(edit.person for edit in edits):
        update = merged([edit.update for edit in edits if edit.person == person])
        replica.apply(update)
        after = replica.plan()
        found = [Changed(**_short(asdict(change))) for change in changes(before, after)]
        text = b64encode(update).decode()
        bursts.append(Burst(person, text, tuple(found[:_LISTED]), max(0, len(found) - _LISTED)))
        before = after
    return bursts


def _short(change: dict[str, Any]) -> dict[str, Any]:
    """Long texts are shown by their beginning; the update holds the whole. Text in NFC, as the log wants it."""
    return {
        name: unicodedata.normalize("NFC", value[:_LONGEST_TEXT]) if isinstance(value, str) else value
        for name, value in change.items()
    }
