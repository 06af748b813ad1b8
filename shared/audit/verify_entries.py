"""Follows the entries of a log in a bundle, one after the other, and grows their tree."""

from base64 import b64decode, b64encode
from collections.abc import Iterator
from hashlib import sha256

import msgspec

from shared.audit.bundle import COLUMNS
from shared.audit.leaf import Header
from shared.audit.merkle import EMPTY_ROOT, node_hash, verify_inclusion
from shared.audit.notes import Checkpoint
from shared.audit.verify_faults import Broken

_decode = msgspec.json.Decoder(Header).decode
_encode = msgspec.json.Encoder(order="sorted").encode
_HASH = 32


class Followed:
    """What was seen of a log: its leaves in order, the bodies that are gone, the digests that somebody asked for."""

    def __init__(self, service: str, file: str, municipality: str) -> None:
        self.service, self.file, self.municipality = service, file, municipality
        self.leaves: list[bytes] = []
        self.redacted: list[int] = []
        self.positions: set[int] = set()
        self._time = ""
        self._versions: dict[str, int] = {}

    def whole(self, lines: Iterator[bytes], size: int, wanted: dict[int, set[bytes]]) -> None:
        """Every entry from the first on. `wanted` are digests that bodies must name, by position. Raises `Broken`."""
        for number, line in enumerate(lines, 1):
            header, leaf, body = self._read(line, number, COLUMNS)
            if header.position != number:
                raise self._out_of_order(header.position, number, lines)
            if number > size:
                raise Broken("old_checkpoint", self.service, size=size)
            self._follow(header, leaf, complete=True)
            if number in wanted:
                self._names(number, body, wanted[number])
        if len(self.leaves) < size:
            raise Broken("missing_end", self.service, size=size, entries=len(self.leaves))

    def excerpt(
        self, lines: Iterator[bytes], checkpoint: Checkpoint, streams: frozenset[str], wanted: dict[int, set[bytes]]
    ) -> None:
        """Single entries, each with its proof; `streams` are there from their beginning. Raises `Broken`."""
        last = 0
        for number, line in enumerate(lines, 1):
            header, leaf, body = self._read(line, number, COLUMNS + 1)
            position = header.position
            if position <= last:
                code = "duplicate_entry" if position in self.positions else "reordered_entry"
                raise Broken(code, self.service, position=position)
            if position > checkpoint.size:
                raise Broken("old_checkpoint", self.service, size=checkpoint.size)
            self._follow(header, leaf, complete=header.stream in streams)
            self._proven(position, leaf, line, checkpoint)
            if position in wanted:
                self._names(position, body, wanted[position])
            self.positions.add(position)
            last = position

    def _read(self, line: bytes, number: int, columns: int) -> tuple[Header, bytes, bytes]:
        """Header, leaf hash and body of a line whose parts fit together; what is gone by redaction is noted."""
        parts = line.split(b"\t")
        try:
            header = _decode(parts[1])
            right = len(parts) == columns and _encode(header) == parts[1] and header.municipality == self.municipality
        except (msgspec.DecodeError, IndexError):
            right = False
        if not right or not parts[1].isascii() or b"\\" in parts[1]:
            raise Broken("wrong_line", self.service, file=self.file, line=number)
        leaf = sha256(b"\x00" + parts[1])
        if leaf.hexdigest().encode() != parts[0]:
            raise Broken("changed_header", self.service, position=header.position)
        body = parts[2]
        if not body:
            self.redacted.append(header.position)
        elif sha256(body).hexdigest() != header.body:
            raise Broken("changed_body", self.service, position=header.position)
        if (parts[3] or (header.sealed and body)) and _digest(parts[3]) != header.sealed:
            raise Broken("changed_sealed", self.service, position=header.position)
        return header, leaf.digest(), body

    def _follow(self, header: Header, leaf: bytes, *, complete: bool) -> None:
        if header.recorded_at < self._time:
            raise Broken("earlier_time", self.service, position=header.position)
        self._time = header.recorded_at
        if complete:
            if header.version != self._versions.get(header.stream, 0) + 1:
                raise Broken("missing_version", self.service, position=header.position, stream=header.stream)
            self._versions[header.stream] = header.version
        self.leaves.append(leaf)

    def _proven(self, position: int, leaf: bytes, line: bytes, checkpoint: Checkpoint) -> None:
        named = line.rpartition(b"\t")[2]
        proof = [_unpacked(one) or b"" for one in named.split(b" ")] if named else []
        right = all(len(one) == _HASH for one in proof)
        if not right or not verify_inclusion(leaf, position - 1, checkpoint.size, proof, checkpoint.root):
            raise Broken("wrong_proof", self.service, position=position)

    def _names(self, position: int, body: bytes, digests: set[bytes]) -> None:
        if body and not all(b'"%s"' % digest in body for digest in digests):
            raise Broken("wrong_attachment", self.service, file=f"{self.service}/attachments.txt", position=position)

    def _out_of_order(self, found: int, expected: int, rest: Iterator[bytes]) -> Broken:
        """Why entry `found` stands where `expected` should: looks whether that one comes later."""
        if found < expected:
            return Broken("duplicate_entry", self.service, position=found)
        later = any(b'"position":%d,' % expected in line for line in rest)
        return Broken("reordered_entry" if later else "missing_entry", self.service, position=expected)


class Tree:
    """The roots of a log at any size that it once had (RFC 6962, 2.1), from all its leaves."""

    def __init__(self, leaves: list[bytes]) -> None:
        self._levels = [leaves]
        while len(self._levels[-1]) > 1:
            pairs = iter(self._levels[-1])
            self._levels.append([sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs)])  # noqa: B905

    def root(self, size: int) -> bytes:
        """The root over the first `size` leaves, of which there must be so many."""
        root = b""
        for level, nodes in enumerate(self._levels):
            if size >> level & 1:
                left = nodes[(size >> level) - 1]
                root = node_hash(left, root) if root else left
        return root or EMPTY_ROOT


def _digest(sealed: bytes) -> str:
    data = _unpacked(sealed)
    return "" if not sealed else "no base64" if data is None else sha256(data).hexdigest()


def _unpacked(text: bytes) -> bytes | None:
    """What base64 stands for, if it is written in the one way to write it (RFC 4648, 4)."""
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        return None
    return data if b64encode(data) == text else None
