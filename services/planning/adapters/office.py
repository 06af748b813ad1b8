"""The document office: follows what is typed into plans, and writes into the log who changed what.

The stream of documents is the order. Edits are recorded after two seconds of quiet, or ten at the latest, one event a
stretch. A stretch is a stream of the log named after the edit before it, so that nothing is recorded twice, whoever
else follows; the log alone can rebuild every document.
"""

import asyncio
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic

import sqlalchemy as sa
import structlog

from services.planning.adapters.place import Place
from services.planning.adapters.tape import Tapes
from services.planning.bursts import bursts
from services.planning.domain.edits import RecordEdits
from services.planning.domain.plan import PlanOpened
from services.planning.views.plans import plans
from shared.bus.documents import Documents
from shared.bus.edits import FORM, Edit, Edits, Snapshot, Stored
from shared.contracts.documents import Plan
from shared.decider import Rejected
from shared.documents import Replica, read_plan
from shared.documents.writing import restoring
from shared.ids import following, new_id
from shared.message import Context
from shared.service import Service
from shared.store import Recorded

log = structlog.get_logger()

QUIET, LATEST, ALARM = 2.0, 10.0, 60.0  # seconds
_PURGED_AFTER = 256  # edits of a document
_PREFIX = "plan-"
_LARGEST = 1_000_000  # bytes of a document
_KEPT = 100  # contents in memory
_FIRST_CLIENT = 1000  # smaller ids are for what begins a document


@dataclass
class _Waiting:
    """What has been heard of one document in a stream and is not in the log yet."""

    stream: str
    since: float = field(default_factory=monotonic)
    latest: float = field(default_factory=monotonic)
    edits: list[tuple[int, Edit]] = field(default_factory=list)
    recorded: int = 0  # since the stream was last purged of them
    until: int = 0

    @property
    def due(self) -> bool:
        now = monotonic()
        return bool(self.edits) and (now - self.latest >= QUIET or now - self.since >= LATEST)


class Office:
    """One service's follower of plan documents; people stand here by their pseudonyms only."""

    def __init__(self, service: Service, documents: Documents) -> None:
        self._service = service
        self._documents = documents
        self._place = Place(service.engine)
        self._tapes = Tapes(service)
        self._stream = ""  # that is followed
        self._heard = self._noted = 0
        self._waiting: dict[tuple[str, str], _Waiting] = {}
        self._turns: dict[tuple[str, str], asyncio.Lock] = {}
        self._contents: dict[tuple[str, str], tuple[tuple[str, int], tuple[bytes, int]]] = {}  # as they were read last

    async def seed(self, municipality: str, recorded: Sequence[Recorded]) -> None:
        """Begins the document of every plan that has just been opened, so that all who type first share its start."""
        for one in recorded:
            if isinstance(one.event, PlanOpened):
                await self._restore(municipality, one.id)

    async def content(self, municipality: str, project: str) -> tuple[bytes, int]:
        """Everything durable of a plan's document as one update, and the sequence of its last edit."""
        stream, last = await self._documents.ensure(), await self._documents.last(municipality, _PREFIX + project)
        known = self._contents.get((municipality, project))
        if known is None or known[0] != (stream, last) or not last:
            read = await self._read(municipality, project)
            known = (stream, read[1]), read
            self._contents[municipality, project] = known
            if len(self._contents) > _KEPT:
                del self._contents[next(iter(self._contents))]
        return known[1]

    async def _read(self, municipality: str, project: str) -> tuple[bytes, int]:
        loaded = await self._documents.load(municipality, _PREFIX + project)
        snapshot, sequence, epoch = loaded.snapshot, 0, 0
        replica = Replica(*([snapshot.state] if snapshot else []))
        if snapshot is None or loaded.lost:  # what is not there any more is in the log
            replica.apply((await self._tapes.of(municipality, project)).replica.state())
        if snapshot:
            sequence, epoch = 0 if loaded.lost else snapshot.sequence, snapshot.epoch
        for stored in loaded.tail:
            if stored.edits.epoch == epoch:
                for edit in stored.edits.edits:
                    replica.apply(edit.update)
            sequence = stored.sequence
        return replica.state(), sequence

    async def write(self, municipality: str, project: str, person: str, plan: Plan) -> bool:
        """Makes the document say what `plan` says, as edits of `person`; False where it does already."""
        return await self.edit(municipality, project, person, lambda _: plan)

    async def edit(self, municipality: str, project: str, person: str, change: Callable[[Plan], Plan]) -> bool:
        """Makes the document say what `change` makes of what it says; False where that is the same.

        Only what is different is written, so what others do meanwhile stays. Raises `Rejected` where the document would
        become larger than the gateway takes it.
        """
        state, _ = await self.content(municipality, project)
        client = secrets.randbelow(2**32 - _FIRST_CLIENT) + _FIRST_CLIENT
        update = restoring(state, change(read_plan(state)[0]), client)
        if update is None:
            return False
        if len(state) + len(update) > _LARGEST:
            raise Rejected("plan_full", megabytes=_LARGEST // 1_000_000)
        there = await self._documents.snapshot(municipality, _PREFIX + project)
        edits = Edits(FORM, there.epoch if there else 0, "planning", [Edit(person, update, (client,))])
        await self._documents.publish(municipality, _PREFIX + project, edits)
        return True

    async def follow(self) -> None:
        """Follows for ever, from the first edit that may not be in the log; returns only by an error."""
        stream = await self._documents.ensure()
        former, sequence = await self._place.read()
        if stream != self._stream:
            await self._record_all()  # what a lost stream had told before it was lost
        if stream != former:
            await self._restore_all()
            sequence = 0
        self._waiting.clear()
        self._stream, self._heard, self._noted = stream, sequence, sequence
        await self._documents.follow(self._hear, sequence)

    async def record_for_ever(self) -> None:
        """Writes into the log what `follow` has heard, when it is time."""
        while True:
            await asyncio.sleep(QUIET / 4)
            for key, waiting in list(self._waiting.items()):
                if waiting.due:
                    await self._try(key, waiting)
            await self._note()

    async def record(self, municipality: str, project: str) -> None:
        """Writes into the log what waits of one plan; what cannot be written waits on."""
        async with self._turns.setdefault((municipality, project), asyncio.Lock()):
            waiting = self._waiting.get((municipality, project))
            if waiting is None or not waiting.edits:
                return
            edits = list(waiting.edits)
            try:
                await self._record(municipality, project, waiting.stream, edits)
            except BaseException:
                self._tapes.forget(municipality, project)
                raise
            del waiting.edits[: len(edits)]
            waiting.since = monotonic()
            waiting.recorded += len(edits)
            waiting.until = edits[-1][0]

    def _hear(self, municipality: str, document: str, stored: Stored | None, sequence: int) -> None:
        self._heard = sequence
        if not document.startswith(_PREFIX):
            return
        if stored is None:
            log.error("edits unreadable", municipality=municipality, document=document, sequence=sequence)
            return
        waiting = self._waiting.setdefault((municipality, document.removeprefix(_PREFIX)), _Waiting(self._stream))
        waiting.latest = monotonic()
        if not waiting.edits:
            waiting.since = waiting.latest
        waiting.edits += [(sequence, edit) for edit in stored.edits.edits]

    async def _try(self, key: tuple[str, str], waiting: _Waiting) -> None:
        try:
            await self.record(*key)
            if waiting.recorded >= _PURGED_AFTER and waiting.stream == self._documents.stream:
                await self._documents.purge(key[0], _PREFIX + key[1], waiting.until)
                waiting.recorded = 0
        except Exception as error:  # it waits, and is tried again: nothing is lost in the stream
            late = monotonic() - waiting.since > ALARM
            (log.error if late else log.warning)(
                "edits wait", municipality=key[0], project=key[1], error=repr(error)[:200]
            )

    async def _record_all(self) -> None:
        for key in list(self._waiting):
            await self.record(*key)

    async def _note(self) -> None:
        """Notes how far everything is in the log, so that the next start need not read it again."""
        firsts = [waiting.edits[0][0] - 1 for waiting in self._waiting.values() if waiting.edits]
        stream, reached = self._stream, min([self._heard, *firsts])
        if reached > self._noted:
            try:
                await self._place.note(stream, reached)
            except Exception as error:
                log.warning("place not noted", error=repr(error)[:200])
                return
            if stream == self._stream:
                self._noted = reached

    async def _record(self, municipality: str, project: str, stream: str, edits: Sequence[tuple[int, Edit]]) -> None:
        while True:
            tape = await self._tapes.of(municipality, project)
            known = tape.reached(stream)
            fresh = [(sequence, edit) for sequence, edit in edits if sequence > known]
            if not fresh:
                return
            command = RecordEdits(
                project=project,
                stream=stream,
                since=fresh[0][0],
                until=fresh[-1][0],
                bursts=tuple(bursts(tape.replica, [edit for _, edit in fresh])),
            )
            id = following(f"{municipality}/{project}/{stream}", known)
            context = Context(by="planning", municipality=municipality, at=datetime.now(UTC), command_id=new_id())
            if (await self._service.handle("edits", id, command, context)).appended:
                return
            self._tapes.forget(municipality, project)  # another follower was faster; perhaps not with all of it

    async def _restore_all(self) -> None:
        """After a broker has lost its storage: what had been recorded is put back in place."""
        for municipality in await self._service.municipalities():
            async with self._service.reading(municipality) as connection:
                mine = plans.c.municipality == municipality
                ids = (await connection.execute(sa.select(plans.c.id).where(mine))).scalars().all()
            for project in ids:
                await self._restore(municipality, project)

    async def _restore(self, municipality: str, project: str) -> None:
        """Writes the snapshot that a document begins with, where there is none or only one that knows less.

        Of a lost stream the snapshot keeps the name, so that clients may bring back what others had written in it.
        """
        document = _PREFIX + project
        live = self._documents.stream or await self._documents.ensure()
        there, tape = (
            await self._documents.snapshot(municipality, document),
            await self._tapes.of(municipality, project),
        )
        if there and (there.stream in (live, "") or there.stream != tape.stream or there.sequence >= tape.until):
            return
        if there is None and not tape.until and await self._documents.last(municipality, document):
            return  # somebody was there before the seed
        state = Replica(*([there.state] if there else []), tape.replica.state()).state()
        owners = (there.owners if there else {}) | tape.owners
        epoch = there.epoch if there else 0
        await self._documents.keep(
            municipality, document, Snapshot(FORM, epoch, tape.stream or live, tape.until, state, owners)
        )
