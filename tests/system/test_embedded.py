"""The embedded servers: durable, found again, never left behind, and plain about what hinders them."""

import json
import os
import resource
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from deploy.embedded import CannotStart, Infra, of_the_wheels, place, start
from deploy.embedded.binaries import usable
from shared.bus.connection import connect
from tests.infra import eventually, open_folder

PARENT = """
import json, sys
from pathlib import Path
from deploy.embedded import CannotStart, start
try:
    running = start(Path(sys.argv[1]))
except CannotStart as reason:
    sys.exit(reason.message)
print(json.dumps([running.infra.postgres_url, running.infra.nats_url]), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with open_folder() as made:
        yield made


def begin(folder: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", PARENT, str(folder)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def parent_of_servers(folder: Path) -> "tuple[subprocess.Popen[str], Infra]":
    parent = begin(folder)
    assert parent.stdout
    postgres_url, nats_url = json.loads(parent.stdout.readline())
    return parent, Infra(postgres_url, nats_url, "")


def reap(parent: "subprocess.Popen[str]") -> None:
    with parent:
        parent.kill()


def processes_in(folder: Path) -> list[str]:
    """Everything that works below `folder`: the launcher and both servers change into it, backends inherit it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if Path(os.readlink(process / "cwd")).is_relative_to(folder):
                found.append((process / "comm").read_text().strip())
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
    return found


async def write(infra: Infra, number: int) -> None:
    database = await asyncpg.connect(infra.postgres_url)
    await database.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
    await database.execute("INSERT INTO kept VALUES ($1)", number)
    await database.close()
    client, stream = await connect(infra.nats_url, name="test")
    await stream.add_stream(name="KEPT", subjects=["kept"])
    await stream.publish("kept", str(number).encode())
    await client.close()


async def read(infra: Infra) -> tuple[list[int], int]:
    database = await asyncpg.connect(infra.postgres_url)
    numbers = [row["number"] for row in await database.fetch("SELECT number FROM kept ORDER BY number")]
    await database.close()
    client, stream = await connect(infra.nats_url, name="test")
    state = (await stream.stream_info("KEPT")).state
    await client.close()
    return numbers, state.messages


def complaint(folder: Path, **ports: int) -> str:
    with pytest.raises(CannotStart) as refused, start(folder, **ports):
        pass
    assert "\n" not in refused.value.message
    return refused.value.message


@pytest.mark.parametrize("death", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
async def test_no_process_outlives_its_parent_and_what_was_written_is_found_again(
    folder: Path, death: signal.Signals
) -> None:
    parent, infra = parent_of_servers(folder)
    await write(infra, 1)
    assert {"postgres", "nats-server"} <= set(processes_in(folder))
    parent.send_signal(death)
    await eventually(lambda: not processes_in(folder))
    reap(parent)
    with start(folder) as running:
        assert await read(running.infra) == ([1], 1)


async def test_a_start_right_after_kill_9_waits_for_the_servers_of_the_dead(folder: Path) -> None:
    parent, infra = parent_of_servers(folder)
    await write(infra, 1)
    parent.kill()
    with start(folder) as running:  # the dead parent is not even reaped yet
        assert await read(running.infra) == ([1], 1)
    reap(parent)


async def test_a_parent_killed_while_its_servers_start_leaves_nothing_that_hinders_the_next_start(folder: Path) -> None:
    parent = begin(folder)
    await eventually(lambda: processes_in(folder))
    reap(parent)
    with start(folder) as running:
        await write(running.infra, 1)


async def test_acknowledged_writes_survive_kill_9_of_both_servers(folder: Path) -> None:
    with start(folder) as running:
        before = running.infra
        await write(before, 1)
        for name in ("postgres", "nats"):
            running.kill(name)
        assert running.ended() == ["postgres", "nats"]
        assert processes_in(folder) == []
        for name in ("postgres", "nats"):
            running.restart(name)
        assert await read(before) == ([1], 1)
        running.restart("postgres")
        assert await read(before) == ([1], 1)
    assert processes_in(folder) == []


async def test_servers_started_in_a_thread_outlive_the_thread(folder: Path) -> None:
    found = []
    thread = threading.Thread(target=lambda: found.append(start(folder)))
    thread.start()
    thread.join()
    with found[0] as running:
        await write(running.infra, 1)
        assert running.ended() == []


async def test_the_durability_that_the_log_relies_on_is_switched_on(folder: Path) -> None:
    with start(folder) as running:
        database = await asyncpg.connect(running.infra.postgres_url)
        wanted = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "data_checksums": "on"}
        wanted |= {"listen_addresses": "127.0.0.1", "server_encoding": "UTF8", "server_version_num": "1800"}
        for name, value in wanted.items():
            assert (await database.fetchval(f"SHOW {name}")).startswith(value), name
        await database.close()
        client, _ = await connect(running.infra.nats_url, name="test")
        answer = await client.request("broker.jetstream", b'{"config":true}')
        await client.close()
        assert json.loads(answer.data)["data"]["config"]["sync_always"] is True


async def test_the_database_asks_for_its_password(folder: Path) -> None:
    with start(folder) as running:
        word = json.loads((folder / "embedded.json").read_text())["passwords"]["postgres"]
        with pytest.raises(asyncpg.InvalidPasswordError):
            await asyncpg.connect(running.infra.postgres_url.replace(word, "guessed"))
        assert word not in repr(running.infra)
        for secret in ("embedded.json", "nats.conf", "postgresql.conf"):
            assert (folder / secret).stat().st_mode & 0o077 == 0


def test_a_second_start_takes_less_than_a_second_and_a_half(folder: Path) -> None:
    start(folder).stop()
    began = time.monotonic()
    with start(folder):
        took = time.monotonic() - began
    assert took < 1.5


def test_a_folder_closed_to_others_keeps_its_mode_and_is_found_again(folder: Path) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    modes = {path: path.stat().st_mode for path in (*closed.parents, closed, Path(sys.prefix), Path(sys.executable))}
    with start(closed / "var") as running:
        home = running.home
    try:
        assert (home == closed / "var") == (os.geteuid() != 0)
        with start(closed / "var") as running:
            assert running.home == home
        assert {path: path.stat().st_mode for path in modes} == modes
    finally:
        shutil.rmtree(home)
    if home != closed / "var":
        assert f"lay in {home}, which is gone" in complaint(closed / "var")


def test_binaries_that_the_servers_user_cannot_reach_are_copied(folder: Path) -> None:
    """Where we are root; an ordinary user runs the servers herself and needs no copy."""
    found = place.settle(folder)
    installed = of_the_wheels()
    hidden = folder / "hidden"
    hidden.mkdir(mode=0o700)
    moved = type(installed)(installed.postgres, Path(shutil.copy2(installed.nats, hidden)))
    chosen = usable(found, moved)
    found.release()
    assert (chosen == moved) == (found.user is None)
    version = subprocess.run([chosen.postgres / "postgres", "-V"], capture_output=True, text=True, check=True)
    assert version.stdout.startswith("postgres (PostgreSQL) 18")


def test_a_port_in_use_is_named(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        for name in ("postgres_port", "nats_port"):
            assert f"127.0.0.1:{port}: the port is in use" in complaint(folder, **{name: port})


async def test_a_port_that_is_taken_between_kill_and_restart_is_named(folder: Path) -> None:
    with start(folder) as running:
        for name, url in (("postgres", running.infra.postgres_url), ("nats", running.infra.nats_url)):
            port = int(url.rsplit(":", 1)[1].split("/")[0])
            running.kill(name)
            with socket.create_server(("127.0.0.1", port)), pytest.raises(CannotStart, match="port is in use"):
                running.restart(name)
            running.restart(name)
        await write(running.infra, 1)


def test_a_directory_in_use_is_named_with_the_process_that_uses_it(folder: Path) -> None:
    with start(folder):
        assert f"in use by a running Gemeinwerk (process {os.getpid()})" in complaint(folder)
    start(folder).stop()


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("postgres/PG_VERSION", "is broken (no PG_VERSION)"),
        ("postgres/global/pg_control", "is broken, restore a backup"),
        ("embedded.json", "with the passwords of the database is missing"),
    ],
)
def test_a_broken_data_directory_is_named(folder: Path, broken: str, said: str) -> None:
    start(folder).stop()
    (folder / broken).unlink()
    assert said in complaint(folder)


def test_a_database_of_another_version_is_left_alone(folder: Path) -> None:
    start(folder).stop()
    (folder / "postgres" / "PG_VERSION").write_text("17\n")
    assert "was made by PostgreSQL 17, this is 18" in complaint(folder)


def test_a_stale_pid_file_that_names_a_living_process_does_not_hinder(folder: Path) -> None:
    start(folder).stop()
    stale = folder / "postgres" / "postmaster.pid"
    with subprocess.Popen(["sleep", "60"], user=os.stat(folder / "postgres").st_uid) as other:
        stale.write_text(f"{other.pid}\n{folder / 'postgres'}\n0\n5432\n\n127.0.0.1\n\nready\n")
        start(folder).stop()
        other.kill()


def test_a_full_disk_is_named_and_the_next_start_works(folder: Path) -> None:
    """A file-size limit stands for the full disk, as in the fault runs."""
    full = subprocess.run(
        [sys.executable, "-c", PARENT, str(folder)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000)),
    )
    assert "is full: free some space" in full.stderr
    assert full.stderr.count("\n") == 1
    start(folder).stop()


def test_a_directory_that_cannot_be_made_is_named(folder: Path) -> None:
    (folder / "file").touch()
    assert f"Cannot use {folder / 'file'}" in complaint(folder / "file" / "var")


async def test_the_session_fixtures_give_empty_databases(database: str, nats_url: str) -> None:
    connection = await asyncpg.connect(database)
    assert await connection.fetchval("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == 0
    await connection.close()
    assert nats_url.startswith("nats://services:")
