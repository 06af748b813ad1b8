"""Reads a Yjs update (format V1) without applying it: what native code must never see is refused here.

Source: yjs `UpdateDecoder.js`, `Item.js`, `ContentAny.js` and lib0 `decoding.js`. 60 kB of nested values overflow the
native stack of pycrdt and kill the process; counts of 10^9 let it allocate; a truncated update changes half.
"""

from collections.abc import Callable
from itertools import pairwise

import msgspec
from msgspec import Struct

from services.realtime.sync.lib0 import CLOCK_END, Malformed, Reader
from services.realtime.sync.places import Lot, Piece, Pieces, Place

_GC, _SKIP, _TYPE, _DELETED, _ANY, _FORMAT = 0, 10, 7, 1, 8, 6
_SHORT = 80  # bytes of a value that a check may want to see
_LEFT, _RIGHT, _KEYED = 0x80, 0x40, 0x20
_KINDS_WITH_NAME, _KINDS = (3,), (0, 1, 2, 3, 4, 6)  # array, map, text, element (named), fragment, XML text
# undefined, null, f32, f64, false, true; not 122 (BigInt), which pycrdt hands on as an ordinary number
_FIXED = {127: 0, 126: 0, 124: 4, 123: 8, 121: 0, 120: 0}


class Bounds(Struct, frozen=True):
    """How much one update may hold."""

    structs: int = 5_000
    values: int = 20_000
    ranges: int = 20_000
    depth: int = 64


LIVE = Bounds()
WHOLE = Bounds(structs=40_000, values=200_000, ranges=200_000)  # step 2 may be as big as a document
TRUSTED = Bounds(structs=2**31, values=2**31, ranges=2**31)  # what was checked before it was stored


class Change:
    """What an update would do. `runs`: new structs as (client, first clock, clock behind the last), no hole inside;
    `needs`: client → clock up to which it must be known; `deletions`: (client, clock, clock behind);
    `types`: how many shared types it makes, `nesting`: how deep within each other; `cuts`: places (client, clock) in
    front of which it parts text, `halves`: places of the second half of characters that count as two; `pieces`: its
    structs, and `lots`, filled in by the check, where each of them lies."""

    __slots__ = ("cuts", "deletions", "halves", "lots", "needs", "nesting", "pieces", "roots", "runs", "types")

    def __init__(self) -> None:
        self.runs: list[tuple[int, int, int]] = []
        self.needs: dict[int, int] = {}
        self.deletions: list[tuple[int, int, int]] = []
        self.roots: set[str] = set()
        self.types = 0
        self.nesting = 0
        self.cuts: list[Place] = []
        self.halves: set[Place] = set()
        self.pieces: list[Piece] = []
        self.lots: list[Lot | None] = []


def scan(update: bytes, bounds: Bounds = LIVE) -> Change:
    """Reads the whole update. Raises `Malformed` for what is no update, or beyond `bounds`."""
    scanner = _Scanner(update, bounds)
    try:
        scanner.blocks()
        scanner.deletions()
    except (IndexError, UnicodeDecodeError) as error:
        raise Malformed("cut") from error
    if not scanner.ended():
        raise Malformed("rest")
    change = scanner.change
    change.nesting = Pieces(change.pieces).nesting() if change.types > 1 else change.types
    return change


class _Scanner(Reader):
    __slots__ = ("bounds", "change", "client", "clock", "structs", "values")

    def __init__(self, update: bytes, bounds: Bounds) -> None:
        super().__init__(update)
        self.bounds, self.change = bounds, Change()
        self.structs = self.values = 0
        self.client = self.clock = 0

    def blocks(self) -> None:
        seen: set[int] = set()
        for _ in range(self.uint()):
            self._block()
            if self.client in seen:
                raise Malformed("client twice")
            seen.add(self.client)

    def _block(self) -> None:
        count = self.uint()
        self.structs += count
        if self.structs > self.bounds.structs:
            raise Malformed("structs")
        self.client, self.clock = self.uint(), self.uint()
        begin = self.clock
        for _ in range(count):
            info = self.data[self.at]
            self.at += 1
            kind = info & 31
            length = self._item(info, kind) if kind not in (_GC, _SKIP) else self.uint()
            if kind == _GC:
                self.change.pieces.append(Piece(self.client, self.clock, length, False, None, None, None))
            if kind == _SKIP:
                self._run(begin)
                begin = self.clock + length
            self.clock += length
            if not length or self.clock > CLOCK_END:
                raise Malformed("length")
        self._run(begin)

    def _run(self, begin: int) -> None:
        if self.clock > begin:
            self.change.runs.append((self.client, begin, self.clock))

    def _item(self, info: int, kind: int) -> int:
        """One item; its length in clocks."""
        lot: Lot | None = None
        left = right = None
        if info & _LEFT:
            left = client, clock = self._reference()
            self.change.cuts.append((client, clock + 1))
        if info & _RIGHT:
            right = self._reference()
            self.change.cuts.append(right)
            if right == left:
                raise Malformed("reference")
        if left is None and right is None:
            lot = self._parent(), self.text() if info & _KEYED else ""
        content = _CONTENTS.get(kind)
        if content is None:
            raise Malformed("content")
        start = self.at
        length = content(self)
        value = None if kind == _DELETED else b""
        if kind == _ANY and self.at - start <= _SHORT:
            value = self.data[start : self.at]
        unseen = kind in (_DELETED, _FORMAT)
        self.change.pieces.append(
            Piece(self.client, self.clock, length, kind == _TYPE, lot, left, right, value, unseen)
        )
        return length

    def _reference(self) -> Place:
        client, clock = self.uint(), self.uint()
        if client == self.client and clock >= self.clock:
            raise Malformed("reference")
        needs = self.change.needs
        if clock >= needs.get(client, 0):
            needs[client] = clock + 1
        return client, clock

    def _parent(self) -> str | Place:
        named = self.uint()
        if named == 1:
            root = self.text()
            self.change.roots.add(root)
            return root
        if named:
            raise Malformed("parent")
        return self._reference()

    def deletions(self) -> None:
        found = self.change.deletions
        for _ in range(self.uint()):
            client, count = self.uint(), self.uint()
            if len(found) + count > self.bounds.ranges:
                raise Malformed("deletions")
            for _ in range(count):
                clock = self.uint()
                end = clock + self.uint()
                if end == clock or end > CLOCK_END:
                    raise Malformed("deletion")
                found.append((client, clock, end))
        if self.bounds is not TRUSTED and len(found) > 1:  # each of them is gone through
            ordered = sorted(found)
            if any(one[0] == two[0] and one[2] > two[1] for one, two in pairwise(ordered)):
                raise Malformed("deletions")

    def deleted(self) -> int:
        return self.uint()

    def string(self) -> int:
        """Yjs counts UTF-16 code units."""
        raw = self.blob()
        if raw.isascii():
            return len(raw)
        at = self.clock
        for character in raw.decode():
            at += 1
            if character > "\uffff":
                self.change.halves.add((self.client, at))
                at += 1
        return at - self.clock

    def binary(self) -> int:
        self.blob()
        return 1

    def embed(self) -> int:
        raw = self.blob()
        if raw.count(b"[") + raw.count(b"{") > self.bounds.depth:
            raise Malformed("depth")
        try:
            msgspec.json.decode(raw)
        except ValueError as error:
            raise Malformed("JSON") from error
        self._counted(raw.count(b",") + 1)
        return 1

    def format(self) -> int:
        self.text()
        return self.embed()

    def shared_type(self) -> int:
        kind = self.uint()
        if kind not in _KINDS:
            raise Malformed("type")
        if kind in _KINDS_WITH_NAME:
            self.text()
        self.change.types += 1
        return 1

    def anything(self) -> int:
        count = self.uint()
        self._counted(count)
        for _ in range(count):
            self._value(self.bounds.depth)
        return count

    def _value(self, depth: int) -> None:
        tag = self.data[self.at]
        self.at += 1
        if (fixed := _FIXED.get(tag)) is not None:
            self.skip(fixed)
        elif tag == 119:
            self.text()
        elif tag == 125:
            self._signed()
        elif tag == 116:
            self.blob()
        elif tag in (117, 118) and depth:
            self._values(depth - 1, keyed=tag == 118)
        else:
            raise Malformed("value")

    def _values(self, depth: int, *, keyed: bool) -> None:
        count = self.uint()
        self._counted(count)
        for _ in range(count):
            if keyed:
                self.text()
            self._value(depth)

    def _signed(self) -> None:
        start = self.at
        while self.data[self.at] > 127:
            self.at += 1
        self.at += 1
        if self.at - start > 8:
            raise Malformed("number")

    def _counted(self, count: int) -> None:
        self.values += count
        if self.values > self.bounds.values:
            raise Malformed("values")


# Left out on purpose: 2 (JSON, written by nobody since yjs 13), 9 (documents in documents), 11 (moves, not in yjs).
_CONTENTS: dict[int, Callable[[_Scanner], int]] = {
    _DELETED: _Scanner.deleted,
    3: _Scanner.binary,
    4: _Scanner.string,
    5: _Scanner.embed,
    _FORMAT: _Scanner.format,
    _TYPE: _Scanner.shared_type,
    _ANY: _Scanner.anything,
}
