"""What can hinder a start, said in one line that names the remedy."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class CannotStart(Exception):
    """The infrastructure cannot start; `message` is one line for the person at the console."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class PortInUse(CannotStart):
    """Somebody else listens on the port."""


FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
RIGHTS = {errno.EACCES, errno.EPERM, errno.EROFS}
FULL_WORDS = re.compile(r"no space left on device|file too large|disk quota exceeded", re.IGNORECASE)
PORT_WORDS = re.compile(r"address already in use", re.IGNORECASE)
RIGHTS_WORDS = re.compile(r"permission denied|read-only file system|operation not permitted", re.IGNORECASE)
BROKEN_WORDS = re.compile(
    r"PANIC|pg_control|pg_filenode|checkpoint record|incompatible|invalid page|not a valid data directory"
    r"|could not (?:open|read|access|stat) (?:file|directory)",
)
COMPLAINT = re.compile(r"PANIC|FATAL|\[FTL\]|error", re.IGNORECASE)


@contextmanager
def as_one_line(directory: Path) -> Iterator[None]:
    """Turns what the operating system refuses in `directory` into `CannotStart`."""
    try:
        yield
    except OSError as error:
        where = error.filename or directory
        if error.errno in FULL:
            raise disk_full(directory) from error
        if error.errno in RIGHTS:
            raise CannotStart(f"No right to use {where}: give it to this user or choose another directory.") from error
        raise CannotStart(f"Cannot use {where}: {error.strerror}.") from error


def disk_full(directory: Path) -> CannotStart:
    return CannotStart(f"The disk that holds {directory} is full: free some space and start again.")


def port_in_use(name: str, port: int) -> PortInUse:
    return PortInUse(f"{name} cannot listen on 127.0.0.1:{port}: the port is in use by another program.")


def explain(name: str, said: str, *, directory: Path, port: int = 0) -> CannotStart:
    """Names the cause behind what a server wrote (`said`) before it ended."""
    if PORT_WORDS.search(said):
        return port_in_use(name, port)
    if FULL_WORDS.search(said):
        return disk_full(directory)
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    complaints = [line for line in lines if COMPLAINT.search(line)]
    last = next(reversed(complaints or lines), "it said nothing")
    if RIGHTS_WORDS.search(said):
        return CannotStart(f"{name} has no right to use its files in {directory}: {last}")
    if BROKEN_WORDS.search(said):
        return CannotStart(f"The data of {name} in {directory} is broken, restore a backup: {last}")
    return CannotStart(f"{name} did not start: {last}")
