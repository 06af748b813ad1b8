"""What was signed last of each log, on the disk beside the signing key: no restored database can take it back."""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from shared.audit.durable import replace_durably
from shared.audit.keyring import Unreadable
from shared.audit.merkle import CompactRange
from shared.audit.notes import BadNote, Checkpoint
from shared.audit.proofs import signed_in


class Signed(Struct, frozen=True, kw_only=True):
    """The last signed checkpoint of a log, and what was found out about the log since.

    `note`: as issued; `cosigned`: the last one with the lines of witnesses; `range`: the compact range of its tree;
    `epoch` counts signed `recoveries`. `halted`: why nothing is written, `fault`: what hashing anew found at
    `examined` (UTC); all three are empty where there is nothing to say.
    """

    note: str
    range: tuple[bytes, ...]
    cosigned: str = ""
    epoch: int = 0
    recoveries: tuple[str, ...] = ()
    halted: str = ""
    examined: str = ""
    fault: str = ""

    @property
    def checkpoint(self) -> Checkpoint:
        return signed_in(self.note)

    @property
    def served(self) -> str:
        """The last checkpoint, with the lines of witnesses where they have seen this one."""
        return self.cosigned if self.cosigned and signed_in(self.cosigned) == self.checkpoint else self.note

    def tree(self) -> CompactRange:
        return CompactRange(self.checkpoint.size, self.range)


Change = Callable[[Signed | None], Signed | None]


class Shelf:
    """One file a log: `<folder>/logs/<municipality>/<service>.json`."""

    def __init__(self, folder: Path) -> None:
        self._logs = folder / "logs"

    def read(self, municipality: str, service: str) -> Signed | None:
        """None where nothing was ever signed. Raises `Unreadable`."""
        file = self._file(municipality, service)
        try:
            signed = msgspec.json.decode(file.read_bytes(), type=Signed)
            if signed.tree().root() != signed.checkpoint.root:
                raise Unreadable(f"{file} contradicts itself")
        except FileNotFoundError:
            return None
        except (msgspec.DecodeError, BadNote, ValueError, OSError) as error:
            raise Unreadable(f"{file} cannot be read: {error}") from error
        return signed

    def change(self, municipality: str, service: str, change: Change) -> Signed | None:
        """Puts what `change` makes of the present content in its place, alone among all processes."""
        with self._alone(municipality, service):
            present = self.read(municipality, service)
            changed = change(present)
            if changed is not None and changed != present:
                replace_durably(self._file(municipality, service), msgspec.json.encode(changed))
        return changed

    def municipalities(self, service: str) -> list[str]:
        """Where something of this service was signed."""
        return sorted(file.parent.name for file in self._logs.glob(f"*/{service}.json"))

    def everything(self) -> Iterator[tuple[str, str, Signed]]:
        """Municipality, service and what was signed, of all logs. Raises `Unreadable`."""
        for file in sorted(self._logs.glob("*/*.json")):
            if signed := self.read(file.parent.name, file.stem):
                yield file.parent.name, file.stem, signed

    def _file(self, municipality: str, service: str) -> Path:
        return self._logs / municipality / f"{service}.json"

    @contextmanager
    def _alone(self, municipality: str, service: str) -> Iterator[None]:
        folder = self._logs / municipality
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(folder / f".{service}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)
