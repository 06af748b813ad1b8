"""PostgreSQL: made once, configured at each start, ready when its own pid file says so."""

import os
import shutil
import signal
from pathlib import Path

from deploy.embedded.binaries import Binaries
from deploy.embedded.child import Server, run_to_end
from deploy.embedded.place import Place
from deploy.embedded.problem import CannotStart, explain

NAME = "PostgreSQL"
MAJOR = "18"

# The log is the only truth, so durability is complete; everything else is small enough for a laptop.
CONFIGURATION = """\
data_directory = '{data}'
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 200
password_encryption = 'scram-sha-256'

fsync = on
synchronous_commit = on
full_page_writes = on
max_wal_size = '512MB'
min_wal_size = '64MB'
checkpoint_timeout = '15min'
idle_in_transaction_session_timeout = '30s'

shared_buffers = '32MB'
work_mem = '4MB'
maintenance_work_mem = '32MB'
huge_pages = off
io_method = 'sync'
jit = off
max_worker_processes = 2
max_parallel_workers_per_gather = 0
max_logical_replication_workers = 0
autovacuum_max_workers = 2

timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
log_min_messages = warning
"""


def prepare(place: Place, binaries: Binaries, port: int, log: Path) -> Server:
    """Makes the cluster where there is none, checks it where there is one, and tells how to run it."""
    data = place.home / "postgres"
    if not data.exists():
        _make(place, binaries, data)
    _check(data)
    _forget_foreign_pid(data)
    text = CONFIGURATION.format(data=str(data).replace("'", "''"), port=port)
    configuration = place.write("postgresql.conf", text)
    return Server(
        name=NAME,
        command=[str(binaries.postgres / "postgres"), "-D", str(data), "-c", f"config_file={configuration}"],
        port=port,
        # Fast shutdown: open transactions end, a checkpoint is written, the next start needs no recovery.
        stop_signal=signal.SIGINT,
        log=log,
        ready=lambda pid: _is_ready(data, pid),
    )


def _make(place: Place, binaries: Binaries, data: Path) -> None:
    """initdb beside the final name, so that an interrupted one is never taken for a database."""
    fresh = data.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh = place.folder(fresh.name)
    password = place.write("postgres.password", place.passwords["postgres"])
    command = [str(binaries.postgres / "initdb"), "-D", str(fresh), "-U", "postgres", "--encoding=UTF8"]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--data-checksums"]
    command += ["--auth=scram-sha-256", f"--pwfile={password}"]
    try:
        made = run_to_end(command, place)
    finally:
        password.unlink()
    if made.returncode:
        shutil.rmtree(fresh, ignore_errors=True)
        raise explain(NAME, made.stdout, directory=place.home)
    fresh.rename(data)


def _check(data: Path) -> None:
    try:
        made_by = (data / "PG_VERSION").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        raise CannotStart(f"The database in {data} is broken (no PG_VERSION): restore a backup or remove it.") from None
    if made_by != MAJOR:
        raise CannotStart(f"The database in {data} was made by PostgreSQL {made_by}, this is {MAJOR}: use its version.")


def _forget_foreign_pid(data: Path) -> None:
    """After kill -9 and a reboot the noted pid may belong to another process of this user; PostgreSQL would refuse.

    A real postmaster works in its data directory; where /proc cannot tell, PostgreSQL decides alone.
    """
    noted = data / "postmaster.pid"
    try:
        pid = noted.read_text(encoding="utf-8").split("\n", 1)[0]
        if Path(os.readlink(f"/proc/{int(pid)}/cwd")) != data:
            noted.unlink()
    except (OSError, ValueError):
        return


def _is_ready(data: Path, pid: int) -> bool:
    """What pg_ctl looks at: line 1 is the postmaster's pid, line 8 its state (src/include/utils/pidfile.h)."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"
