"""Reads the files in a bundle as they are: a zip whose parts are unpacked piece by piece and judged line by line."""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from shared.audit.verify_faults import Broken

_PIECE = 1 << 20
_LONGEST = 1 << 24  # bytes of a line, unpacked; a body is smaller by far
_SMALL = 1 << 24  # bytes of a file that is read at once
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


class BundleFile:
    """An open bundle. Raises `Broken` where it cannot be read. A context manager.

    Not zipfile's own reading: that checks a file's sum with its last piece, before anybody has seen its last lines, and
    so hides which entry was changed.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        try:
            with zipfile.ZipFile(self._file) as found:
                infos = found.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError):
            begins = self._begins()
            self._file.close()
            raise Broken("truncated" if begins else "unreadable") from None
        self._infos = {info.filename: info for info in infos}
        if len(self._infos) < len(infos) or any(info.compress_type not in _METHODS for info in infos):
            self._file.close()
            raise Broken("unreadable")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def names(self, folder: str) -> list[str]:
        """The files in a folder."""
        return sorted(name for name in self._infos if name.startswith(f"{folder}/"))

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
        info = self._infos.get(name)
        if info is None:
            raise Broken("missing_file", service, file=name)
        deflated, left, total = info.compress_type == zipfile.ZIP_DEFLATED, info.compress_size, 0
        unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            self._file.seek(self._start(info))
            while left and (packed := self._file.read(min(_PIECE // 4, left))):
                left -= len(packed)
                piece = unpacker.decompress(packed) if deflated else packed
                total = zlib.crc32(piece, total)
                yield piece
        except zlib.error:
            left = 1
        if left or total != info.CRC or (deflated and not unpacker.eof):
            raise Broken("damaged", service, file=name)

    def _start(self, info: zipfile.ZipInfo) -> int:
        """Where a file's bytes begin: its local header has names of its own length (APPNOTE.TXT, 4.3.7)."""
        self._file.seek(info.header_offset)
        header = self._file.read(30)
        return info.header_offset + 30 + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:], "little")

    def _begins(self) -> bool:
        """Whether the file begins as a zip: then its end is what is missing."""
        self._file.seek(0)
        return self._file.read(4) == b"PK\x03\x04"
