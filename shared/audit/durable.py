"""Files that are whole after a power cut: the old content or the new one, never a part."""

import os
import secrets
from pathlib import Path


def write_durably(file: Path, content: bytes) -> None:
    """Makes a new file that its owner alone may read; returns when it is on the disk."""
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(handle)


def replace_durably(file: Path, content: bytes) -> None:
    """Puts `content` in the place of the file, or makes it; the folder has to be there."""
    fresh = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    write_durably(fresh, content)
    fresh.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name, too
    finally:
        os.close(folder)
