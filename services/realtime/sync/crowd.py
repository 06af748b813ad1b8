"""How many sockets and rooms a person, and everybody behind one address, may have open at once."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import TypeAlias

from msgspec import Struct

Room: TypeAlias = tuple[str, str]  # municipality, document


class Share(Struct, frozen=True):
    sockets: int
    rooms: int


PER_PERSON, PER_ADDRESS = Share(30, 12), Share(1_000, 200)


class Crowd:
    """Everybody who has come in; a party is for whom one socket counts, and how much each of them may have."""

    def __init__(self) -> None:
        self._open: dict[str, Counter[Room]] = {}

    def enter(self, party: Mapping[str, Share], room: Room) -> Callable[[], None] | None:
        """Takes a place, given back by calling what this gives (a second call does nothing); None where none is left.

        Places are taken before anything is waited for: sockets that open at the same moment count, too.
        """
        if any(self._full(self._open.get(each), share, room) for each, share in party.items()):
            return None
        for each in party:
            self._open.setdefault(each, Counter())[room] += 1
        inside = set(party)

        def leave() -> None:
            while inside:
                self._leave(inside.pop(), room)

        return leave

    def _full(self, rooms: Counter[Room] | None, share: Share, room: Room) -> bool:
        if rooms is None:
            return False
        return rooms.total() >= share.sockets or (room not in rooms and len(rooms) >= share.rooms)

    def _leave(self, each: str, room: Room) -> None:
        rooms = self._open[each]
        rooms[room] -= 1
        if not rooms[room]:
            del rooms[room]
        if not rooms:
            del self._open[each]
