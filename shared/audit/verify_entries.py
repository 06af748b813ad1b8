"""Follows the entries of a log in a bundle, one after the other, and grows their tree."""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import TypeAlias

from shared.audit.bundle import ATTACHMENTS, ENTRIES
from shared.audit.merkle import EMPTY_ROOT, node_hash, verify_inclusion
from shared.audit.notes import Checkpoint
from shared.audit.verify_faults import Broken

Parts: TypeAlias = tuple[bytes, ...]

_HASH = 32
_AT, _STREAM, _VERSION, _PROOF = 4, 6, 7, 10
_TEXT = rb'"[ !#-\[\]-~]*"'
_NUMBER = rb"(?:0|[1-9][0-9]{0,15})"
_TIME = rb'"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z"'


def _line(municipality: str, *, excerpt: bool) -> re.Pattern[bytes]:
    """A line, its leaf in the only form that it can have: one expression is twice as fast as reading JSON.

    Its groups: hash, leaf, digest of the body, position, time, digest of the sealed part, stream, version, body, sealed
    part, and proof.
    """
    digest, none = rb'"([0-9a-f]{64})"', rb'"((?:[0-9a-f]{64})?)"'
    fields = {"actor": _TEXT, "body": digest, "cause": _TEXT, "correlation": _TEXT, "event_id": _TEXT, "form": _NUMBER}
    fields |= {"municipality": b'"%s"' % re.escape(municipality).encode(), "on_behalf_of": _TEXT}
    fields |= {"position": b"(%s)" % _NUMBER, "project": _TEXT, "recorded_at": b"(%s)" % _TIME, "sealed": none}
    fields |= {"stream": b"(%s)" % _TEXT, "type": _TEXT, "version": b"(%s)" % _NUMBER}
    leaf = b",".join(b'"%s":%s' % (name.encode(), form) for name, form in fields.items())
    proof = rb"\t([^\t\n]*)" if excerpt else b"()"
    return re.compile(rb"^([0-9a-f]{64})\t(\{%s\})\t([^\t\n]*)\t([^\t\n]*)%s$" % (leaf, proof), re.MULTILINE)


class Followed:
    """What was seen of a log: its leaves in order, and the entries whose bodies are gone.

    `wanted` are digests that bodies must name, by position.
    """

    def __init__(self, service: str, municipality: str, wanted: dict[int, set[bytes]]) -> None:
        self.leaves: list[bytes] = []
        self.redacted: list[int] = []
        self._service, self._municipality, self._wanted = service, municipality, wanted
        self._block = b""

    def whole(self, blocks: Iterator[bytes], size: int) -> None:
        """Every entry from the first on. Raises `Broken`."""
        check, follow = self._check, _Order(self._service).follow
        for number, entry in enumerate(self._rows(blocks, excerpt=False), 1):
            position = check(entry)
            if position != number:
                raise self._out_of_order(position, number, blocks)
            if number > size:
                raise Broken("old_checkpoint", self._service, size=size)
            follow(entry, position, complete=True)
        if len(self.leaves) < size:
            raise Broken("missing_end", self._service, size=size, entries=len(self.leaves))

    def excerpt(self, blocks: Iterator[bytes], checkpoint: Checkpoint, streams: Iterable[str]) -> None:
        """Single entries, each with its proof; `streams` are there from their beginning. Raises `Broken`."""
        order, last, positions = _Order(self._service), 0, set[int]()
        complete = {f'"{stream}"'.encode() for stream in streams}
        for entry in self._rows(blocks, excerpt=True):
            position = self._check(entry)
            if position <= last:
                code = "duplicate_entry" if position in positions else "reordered_entry"
                raise Broken(code, self._service, position=position)
            if position > checkpoint.size:
                raise Broken("old_checkpoint", self._service, size=checkpoint.size)
            order.follow(entry, position, complete=entry[_STREAM] in complete)
            self._proven(position, entry[_PROOF], checkpoint)
            positions.add(position)
            last = position

    def _rows(self, blocks: Iterator[bytes], *, excerpt: bool) -> Iterator[Parts]:
        """The parts of line after line, taken a block at a time: that costs half of what single lines do."""
        line, before = _line(self._municipality, excerpt=excerpt), 0
        for self._block in blocks:
            found = line.findall(self._block)
            if len(found) < self._block.count(b"\n") + (not self._block.endswith(b"\n")):
                lines = self._block.split(b"\n")
                right = next(at for at, text in enumerate(lines) if not line.fullmatch(text))
                yield from found[:right]
                name = f"{self._service}/{ENTRIES}"
                raise Broken("wrong_line", self._service, file=name, line=before + right + 1)
            yield from found
            before += len(found)

    def _check(self, entry: Parts) -> int:
        """Whether the parts of an entry fit together; keeps its leaf, and returns its position."""
        named, text, digest, at, _, sealed_digest, _, _, body, sealed, _ = entry
        leaf, position = sha256(b"\x00" + text).digest(), int(at)
        if leaf.hex().encode() != named:
            raise Broken("changed_header", self._service, position=position)
        if not body:
            self.redacted.append(position)
        elif sha256(body).hexdigest() != digest.decode():
            raise Broken("changed_body", self._service, position=position)
        if (sealed or (sealed_digest and body)) and _digest(sealed) != sealed_digest:
            raise Broken("changed_sealed", self._service, position=position)
        if position in self._wanted and body:
            self._names(position, body)
        self.leaves.append(leaf)
        return position

    def _names(self, position: int, body: bytes) -> None:
        if not all(b'"%s"' % digest in body for digest in self._wanted[position]):
            raise Broken("wrong_attachment", self._service, file=f"{self._service}/{ATTACHMENTS}", position=position)

    def _proven(self, position: int, named: bytes, checkpoint: Checkpoint) -> None:
        proof = [_unpacked(one) or b"" for one in named.split(b" ")] if named else []
        right = all(len(one) == _HASH for one in proof)
        if not right or not verify_inclusion(self.leaves[-1], position - 1, checkpoint.size, proof, checkpoint.root):
            raise Broken("wrong_proof", self._service, position=position)

    def _out_of_order(self, found: int, expected: int, more: Iterator[bytes]) -> Broken:
        """Why entry `found` stands where `expected` should: looks whether that one comes later."""
        if found < expected:
            return Broken("duplicate_entry", self._service, position=found)
        sought = b',"position":%d,"project":' % expected
        later = sought in self._block or any(sought in block for block in more)
        return Broken("reordered_entry" if later else "missing_entry", self._service, position=expected)


class _Order:
    """What one entry says of the next: no earlier time, and in each stream one version after the other."""

    def __init__(self, service: str) -> None:
        self._service, self._time = service, b""
        self._versions: dict[bytes, int] = {}

    def follow(self, entry: Parts, position: int, *, complete: bool) -> None:
        """`complete`: nothing of the entry's stream may be missing. Raises `Broken`."""
        time, stream = entry[_AT], entry[_STREAM]
        if time < self._time:
            raise Broken("earlier_time", self._service, position=position)
        self._time = time
        if complete:
            version = int(entry[_VERSION])
            if version != self._versions.get(stream, 0) + 1:
                named = stream[1:-1].decode()
                raise Broken("missing_version", self._service, position=position, stream=named)
            self._versions[stream] = version


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


def _digest(sealed: bytes) -> bytes:
    data = _unpacked(sealed)
    return b"" if not sealed else b"no base64" if data is None else sha256(data).hexdigest().encode()


def _unpacked(text: bytes) -> bytes | None:
    """What base64 stands for, if it is written in the one way to write it (RFC 4648, 4)."""
    try:
        data = b64decode(text, validate=True)
    except ValueError:
        return None
    return data if b64encode(data) == text else None
