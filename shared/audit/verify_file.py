"""Reads the files in a bundle as they are: a zip whose parts are unpacked piece by piece and judged line by line.

Not with zipfile: that forgives much in a directory, and checks a file's sum with its last piece, before anybody has
seen its last lines, which hides which entry was changed.
"""

import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec import Struct

from shared.audit.verify_faults import Broken

_PIECE = 1 << 20
_LONGEST = 1 << 24  # bytes of a line, unpacked; a body is smaller by far
_SMALL = 1 << 24  # bytes of a file that is read at once
_STORED, _DEFLATED = 0, 8
_END = struct.Struct("<4s6xHLLH")  # APPNOTE.TXT, 4.3.16
_RECORD = struct.Struct("<4s6xH4xLL4xHHH8xL")  # 4.3.12


class _Member(Struct, frozen=True):
    method: int
    sum: int
    packed: int
    header: int


class BundleFile:
    """An open bundle. Raises `Broken` where it cannot be read. A context manager."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        try:
            self._members = self._directory()
        except Broken:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def names(self, folder: str) -> list[str]:
        """The files in a folder."""
        return sorted(name for name in self._members if name.startswith(f"{folder}/"))

    def text(self, name: str, service: str = "") -> str:
        """A small file. Raises `Broken`."""
        whole = bytearray()
        for piece in self._pieces(name, service):
            whole += piece
            if len(whole) > _SMALL:
                raise Broken("damaged", service, file=name)
        try:
            return whole.decode()
        except UnicodeDecodeError:
            raise Broken("damaged", service, file=name) from None

    def blocks(self, name: str, service: str = "") -> Iterator[bytes]:
        """A file in blocks of whole lines; its sum is checked with the last, which may lack an end. Raises `Broken`."""
        rest = b""
        for piece in self._pieces(name, service):
            whole, end, rest = (rest + piece).rpartition(b"\n")
            if len(rest) > _LONGEST:
                raise Broken("damaged", service, file=name)
            if end:
                yield whole + end
        if rest:
            yield rest

    def lines(self, name: str, service: str = "") -> Iterator[bytes]:
        """The lines of a file without their ends. Raises `Broken`."""
        for block in self.blocks(name, service):
            yield from block.removesuffix(b"\n").split(b"\n")

    def _pieces(self, name: str, service: str) -> Iterator[bytes]:
        member = self._members.get(name)
        if member is None:
            raise Broken("missing_file", service, file=name)
        left, total = member.packed, 0
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        self._file.seek(self._start(member))
        try:
            while left and (packed := self._file.read(min(_PIECE // 4, left))):
                left -= len(packed)
                piece = unpacker.decompress(packed) if member.method == _DEFLATED else packed
                total = zlib.crc32(piece, total)
                yield piece
        except zlib.error:
            left = 1
        ended = member.method == _STORED or (unpacker.eof and not unpacker.unused_data)
        if left or total != member.sum or not ended:
            raise Broken("damaged", service, file=name)

    def _start(self, member: _Member) -> int:
        """Where a file's bytes begin: its local header has names of its own length (4.3.7)."""
        self._file.seek(member.header)
        header = self._file.read(30)
        return member.header + 30 + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:], "little")

    def _directory(self) -> dict[str, _Member]:
        """The files by name, from the directory at the very end, which has no comment after it."""
        self._file.seek(0)
        begins = self._file.read(4) == b"PK\x03\x04"
        size = self._file.seek(0, 2)
        if size >= _END.size:
            self._file.seek(size - _END.size)
            mark, count, length, start, comment = _END.unpack(self._file.read(_END.size))
            if mark == b"PK\x05\x06" and comment == 0 and start + length == size - _END.size:
                self._file.seek(start)
                if (members := _read(self._file.read(length), count)) is not None:
                    return members
        raise Broken("truncated" if begins else "unreadable")


def _read(directory: bytes, count: int) -> dict[str, _Member] | None:
    """The records of a directory; None where they are not whole."""
    members: dict[str, _Member] = {}
    at = 0
    for _ in range(count):
        if at + _RECORD.size > len(directory):
            return None
        mark, method, total, packed, named, extra, comment, header = _RECORD.unpack_from(directory, at)
        if mark != b"PK\x01\x02" or at + _RECORD.size + named > len(directory):
            return None
        at += _RECORD.size
        name = directory[at : at + named].decode(errors="replace")
        if name in members or method not in (_STORED, _DEFLATED):
            raise Broken("unreadable")
        members[name] = _Member(method, total, packed, header)
        at += named + extra + comment
    return members if at == len(directory) else None
