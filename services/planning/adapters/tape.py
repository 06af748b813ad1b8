"""A plan's document as the log has it: rebuilt from the recorded bursts alone, and moved on by what is recorded."""

from base64 import b64decode
from collections import OrderedDict
from dataclasses import dataclass, field

from services.planning.domain.edits import EditsRecorded
from shared.documents import Replica, seed_plan
from shared.service import Service

_KEPT = 200  # documents in memory
_SEEDER = 1  # the client id of what every plan begins with is nobody's


@dataclass
class Tape:
    """`position`: how far the log has been read; `stream` and `until`: the last edit in it; `owners`: client id →
    person."""

    replica: Replica = field(default_factory=lambda: Replica(seed_plan()))
    position: int = 0
    stream: str = ""
    until: int = 0
    owners: dict[int, str] = field(default_factory=lambda: {_SEEDER: ""})

    def take(self, event: EditsRecorded) -> None:
        for burst in event.bursts:
            self.replica.apply(b64decode(burst.update))
            for client in burst.clients:
                self.owners.setdefault(client, burst.person)
        self.stream, self.until = event.stream, event.until

    def reached(self, stream: str) -> int:
        """The last edit of a stream of documents that is in the log; 0 before the first."""
        return self.until if self.stream == stream else 0


class Tapes:
    """The tapes of a service, those used last in memory."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._tapes: OrderedDict[tuple[str, str], Tape] = OrderedDict()

    async def of(self, municipality: str, project: str) -> Tape:
        """The tape as the log stands now."""
        tape = self._tapes.pop((municipality, project), None) or Tape()
        while entries := await self._service.store.entries(municipality, tape.position, 500, project=project):
            for entry in entries:
                event = self._service.codec.event(entry.type, entry.form, entry.body)
                if isinstance(event, EditsRecorded):
                    tape.take(event)
            tape.position = entries[-1].position
        self._tapes[municipality, project] = tape
        while len(self._tapes) > _KEPT:
            self._tapes.popitem(last=False)
        return tape

    def forget(self, municipality: str, project: str) -> None:
        """Its replica has been moved on by what did not come into the log."""
        self._tapes.pop((municipality, project), None)
