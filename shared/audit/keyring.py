"""The keys with which an installation signs its checkpoints, in a folder of their own outside every database."""

import contextlib
import os
import secrets
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from shared.audit.durable import replace_durably, write_durably
from shared.audit.notes import LOG, Key, key_of

_FILE = "keys.json"


class Unreadable(Exception):
    """What is kept beside the key is there, but cannot be used."""


class Kept(Struct, frozen=True, kw_only=True):
    """A key. `seed` and `public`: 32 bytes in hex; the seed is destroyed when the next key follows."""

    public: str
    since: str
    seed: str = ""


class Keyring:
    """The keys in `folder`, newest first; the first one is made at the first look."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def seed(self) -> bytes:
        """The Ed25519 seed that signs now. Raises `Unreadable`."""
        return bytes.fromhex(self._read()[0].seed)

    def keys(self, name: str) -> list[Key]:
        """All public keys that ever signed, newest first, for the log called `name`. Raises `Unreadable`."""
        return [Key(name, LOG, bytes.fromhex(one.public)) for one in self._read()]

    def rotate(self) -> None:
        """Puts a new key in front. What the others have signed stays good; none of them can sign again."""
        retired = [msgspec.structs.replace(one, seed="") for one in self._read()]
        self._write([_made(), *retired])

    def _read(self) -> list[Kept]:
        file = self._folder / _FILE
        if not file.exists():
            self._begin(file)
        try:
            kept = msgspec.json.decode(file.read_bytes(), type=list[Kept])
            if kept and len(bytes.fromhex(kept[0].seed)) == 32:
                return kept
        except (msgspec.DecodeError, ValueError, OSError) as error:
            raise Unreadable(f"{file} cannot be read: {error}") from error
        raise Unreadable(f"{file} holds no key that can sign")

    def _begin(self, file: Path) -> None:
        """Several processes may start at once: the first one's key is everybody's."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = self._folder / f".{_FILE}.{secrets.token_hex(4)}"
        write_durably(made, msgspec.json.encode([_made()]))
        with contextlib.suppress(FileExistsError):
            os.link(made, file)
        made.unlink()

    def _write(self, kept: list[Kept]) -> None:
        replace_durably(self._folder / _FILE, msgspec.json.encode(kept))


def _made() -> Kept:
    seed = secrets.token_bytes(32)
    return Kept(seed=seed.hex(), public=key_of(seed, "key").public.hex(), since=datetime.now(UTC).date().isoformat())
