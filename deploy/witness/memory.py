"""What a witness keeps: its own key, and of each log the last checkpoint that it cosigned."""

import secrets
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec import Struct

from shared.audit.durable import replace_durably, write_durably
from shared.audit.notes import WITNESS, BadNote, Key, key_of
from shared.audit.witness import Seen


class Broken(Exception):
    """The file is there but cannot be used: a witness that forgot would sign a fork."""


class Kept(Struct, frozen=True, kw_only=True):
    """`seed`: 32 bytes in hex; `logs`: by the URL of their prefix."""

    name: str
    seed: str
    logs: dict[str, Seen] = {}


class Memory:
    """One file. It is made at the first look, under a `name` that stays."""

    def __init__(self, file: Path, name: str) -> None:
        self._file = file
        self._kept = self._read() or Kept(name=name, seed=secrets.token_hex(32))
        if name not in ("", self._kept.name):
            raise Broken(f"{file} belongs to the witness {self._kept.name}, not to {name}")
        if not file.exists():
            self._write()

    @property
    def name(self) -> str:
        return self._kept.name

    @property
    def seed(self) -> bytes:
        return bytes.fromhex(self._kept.seed)

    @property
    def key(self) -> Key:
        """What operators of deployments need in order to trust this witness."""
        return key_of(self.seed, self.name, WITNESS)

    def seen(self, url: str, log: str) -> Seen | None:
        return self._kept.logs.get(f"{url}/{log}")

    def remember(self, url: str, log: str, seen: Seen) -> None:
        """Returns when it is on the disk."""
        self._kept = msgspec.structs.replace(self._kept, logs=self._kept.logs | {f"{url}/{log}": seen})
        self._write()

    def forget(self, url: str, logs: Iterable[str]) -> None:
        """Looks at these logs for the first time again."""
        left = {f"{url}/{log}" for log in logs}
        self._kept = msgspec.structs.replace(
            self._kept, logs={log: seen for log, seen in self._kept.logs.items() if log not in left}
        )
        self._write()

    def keep_proof(self, log: str, before: str, now: str) -> Path:
        """Writes down two notes that contradict each other; the same two always in the same file."""
        text = "\n".join(note for note in (before, now) if note)
        digest = sha256(text.encode()).hexdigest()[:12]
        file = self._file.parent / f"contradiction-{log.replace('/', '-')}-{digest}.txt"
        if not file.exists():
            write_durably(file, text.encode())
        return file

    def _read(self) -> Kept | None:
        if not self._file.exists():
            return None
        try:
            kept = msgspec.json.decode(self._file.read_bytes(), type=Kept)
            key_of(bytes.fromhex(kept.seed), kept.name, WITNESS)
            for seen in kept.logs.values():
                _ = seen.checkpoint
        except (msgspec.DecodeError, BadNote, ValueError, OSError) as error:
            raise Broken(f"{self._file} cannot be read: {error}") from error
        return kept

    def _write(self) -> None:
        try:
            key_of(self.seed, self.name, WITNESS)
            self._file.parent.mkdir(parents=True, exist_ok=True)
            replace_durably(self._file, msgspec.json.encode(self._kept))
        except (ValueError, OSError) as error:
            raise Broken(f"{self._file} cannot be written: {error}") from error
