"""What a deployment keeps to itself: made once, readable by its owner alone, never in any database."""

import os
import secrets
from pathlib import Path

import msgspec
from msgspec import Struct

from shared.audit.keyring import Keyring, Unreadable
from shared.audit.shelf import Shelf


class Broken(Exception):
    """The file is there but cannot be used."""


class Secrets(Struct, frozen=True):
    """`deployment_key`: 32 bytes in hex; `database_password`: that of the services' roles."""

    deployment_key: str
    database_password: str


def kept_in(directory: Path) -> Secrets:
    """The secrets in `directory`, made at the first call. Raises `Broken` with one line for the console."""
    file = directory / "deployment.json"
    if file.exists():
        try:
            return msgspec.json.decode(file.read_bytes(), type=Secrets)
        except (msgspec.DecodeError, OSError) as error:
            raise Broken(f"{file} cannot be read: {error}") from error
    made = Secrets(secrets.token_hex(32), secrets.token_hex(16))
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(msgspec.json.encode(made))
    return made


def signer_in(directory: Path) -> Path:
    """The folder of the signing key and of what was signed last, in the data of `up`. Raises `Broken`."""
    return readable(directory.resolve() / "signer")


def readable(folder: Path) -> Path:
    """The folder of a signing key, in which there is a key now. Raises `Broken` where something cannot be read."""
    try:
        Keyring(folder).seed()
        for _ in Shelf(folder).everything():
            pass
    except Unreadable as error:
        raise Broken(str(error)) from error
    return folder
