"""Where the servers' files lie, as whom they run, and that nobody else uses them at the same time."""

import fcntl
import json
import os
import pwd
import secrets
import stat
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.problem import CannotStart

OWNER_ENDS_WITHIN = 0.5
SERVERS_END_WITHIN = 30.0
UNPRIVILEGED = ("nobody", "daemon")


@dataclass(frozen=True)
class User:
    """Who runs the servers where we are root: PostgreSQL refuses to run as root."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Place:
    """`directory` is what was asked for; `home` holds the files: the same, or a folder where `user` may go."""

    directory: Path
    home: Path
    user: User | None
    passwords: dict[str, str]
    folder_lock: int
    lock: int  # the servers inherit it

    def release(self) -> None:
        os.close(self.lock)
        os.close(self.folder_lock)

    def give(self, path: Path, mode: int) -> None:
        """Hands `path` (below `home`) to the servers' user."""
        path.chmod(mode)
        if self.user:
            os.chown(path, self.user.uid, self.user.gid)

    def folder(self, name: str) -> Path:
        """A folder below `home` in which only the servers' user may read and write."""
        path = self.home / name
        if not path.exists():
            path.mkdir(mode=0o700)
            self.give(path, 0o700)
        return path

    def write(self, name: str, text: str) -> Path:
        """A file below `home` that only the servers' user may read."""
        path = self.home / name
        fresh = path.with_name(f"{name}.new")
        fresh.unlink(missing_ok=True)
        fresh.touch(mode=0o600)
        fresh.write_text(text, encoding="utf-8")
        self.give(fresh, 0o600)
        fresh.replace(path)
        return path


def settle(directory: Path) -> Place:
    """Makes or finds the place whose record lies in `directory`, and locks it until `release()`.

    Raises `CannotStart` when another instance holds it or when its record or its files are gone.
    """
    if not directory.exists():
        directory.mkdir(parents=True)
        directory.chmod(0o711)  # ours, and the servers' user must get through; what lies inside is closed by itself
    directory = directory.resolve()
    folder_lock, lock = _claim(directory)
    try:
        user = _servers_user(directory)
        record = directory / "embedded.json"
        if not record.exists():
            _first_time(record, user)
        elsewhere, passwords = _read(record)
        home = Path(elsewhere).resolve() if elsewhere else directory
        if elsewhere:
            _must_be_ours(Path(elsewhere), directory)
        return Place(directory, home, user, passwords, folder_lock, lock)
    except BaseException:
        os.close(lock)
        os.close(folder_lock)
        raise


def reachable(path: Path, user: User | None) -> bool:
    """Whether `user` may enter the folder `path` and all folders above it."""
    return user is None or all(_may_enter(folder, user) for folder in (path, *path.parents))


def _may_enter(folder: Path, user: User) -> bool:
    status = folder.stat()
    if status.st_uid == user.uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid == user.gid:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)


def _claim(directory: Path) -> tuple[int, int]:
    """The folder itself is locked by us alone, `embedded.lock` by the servers, too, which inherit it.

    So a living owner is told from the servers of a killed one, which need a moment to end in good order.
    """
    pid_file = directory / "embedded.lock"
    folder = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        if not _locked(folder, OWNER_ENDS_WITHIN):
            owner = pid_file.read_text(encoding="ascii").strip() if pid_file.exists() else "unknown"
            raise CannotStart(f"{directory} is in use by a running Gemeinwerk (process {owner}): stop it first.")
        servers = os.open(pid_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if not _locked(servers, SERVERS_END_WITHIN):
            os.close(servers)
            raise CannotStart(f"The servers of an ended Gemeinwerk still use {directory}: end them, then start again.")
    except BaseException:
        os.close(folder)
        raise
    os.ftruncate(servers, 0)
    os.pwrite(servers, str(os.getpid()).encode(), 0)
    return folder, servers


def _locked(descriptor: int, within: float) -> bool:
    until = time.monotonic() + within
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > until:
                return False
            time.sleep(0.01)


def _servers_user(directory: Path) -> User | None:
    if os.geteuid() != 0:
        return None
    data = directory / "postgres"
    if data.exists() and data.stat().st_uid != 0:  # made by a person; keep it theirs
        return User(data.stat().st_uid, data.stat().st_gid)
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in UNPRIVILEGED:
        if name in known:
            return User(known[name].pw_uid, known[name].pw_gid)
    raise CannotStart("PostgreSQL does not run as root, and there is no user `nobody`: start as an ordinary user.")


def _first_time(record: Path, user: User | None) -> None:
    if (record.parent / "postgres").exists():
        raise CannotStart(f"{record} with the passwords of the database is missing: restore it from a backup.")
    elsewhere = None
    if not reachable(record.parent, user):
        elsewhere = tempfile.mkdtemp(prefix="gemeinwerk-")
        os.chmod(elsewhere, 0o711)  # noqa: S103  the servers' user must get through; what lies inside is closed
    passwords = {name: secrets.token_urlsafe(24) for name in ("postgres", "services", "system")}
    fresh = record.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_text(json.dumps({"elsewhere": elsewhere, "passwords": passwords}, indent=1), encoding="utf-8")
    fresh.replace(record)


def _read(record: Path) -> tuple[str | None, dict[str, str]]:
    try:
        content = json.loads(record.read_text(encoding="utf-8"))
        return content["elsewhere"], {name: content["passwords"][name] for name in ("postgres", "services", "system")}
    except (ValueError, KeyError, TypeError) as error:
        raise CannotStart(f"{record} is damaged: restore it from a backup.") from error


def _must_be_ours(home: Path, directory: Path) -> None:
    """The temporary folder may have been swept, and then made anew by somebody else."""
    if not home.is_dir():
        raise CannotStart(f"The data of {directory} lay in {home}, which is gone: remove {directory} to begin anew.")
    if home.is_symlink() or home.stat().st_uid != os.geteuid():
        raise CannotStart(f"{home}, which holds the data of {directory}, belongs to another user.")
