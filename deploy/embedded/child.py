"""One server process: started so that it cannot outlive us, watched until it is ready, ended."""

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded import launch
from deploy.embedded.place import Place
from deploy.embedded.problem import CannotStart, explain

READY_WITHIN = 30.0
STOPPED_WITHIN = 20.0
LOOK_EVERY = 0.01


@dataclass(frozen=True)
class Server:
    """How one server is run; `ready(pid)` tells whether it takes work."""

    name: str
    command: list[str]
    port: int
    stop_signal: signal.Signals
    log: Path
    ready: Callable[[int], bool]


class Child:
    """A running server.

    `keeper` is the one thread that forks: the parent-death signal fires when the forking *thread* ends, so it must live
    exactly as long as the servers may. The lock of the data directory is inherited, so it is free only when the last
    process is gone; so is the end of a pipe, which tells when even the backends of a killed postmaster have left.
    """

    def __init__(self, server: Server, place: Place, keeper: ThreadPoolExecutor) -> None:
        self.server = server
        self._place = place
        self._alive, held = os.pipe()
        with server.log.open("ab") as log:
            self._log_from = log.tell()
            command = launch_command(server.command, place, server.stop_signal)
            self._process = keeper.submit(
                subprocess.Popen,
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=place.home,
                env={"PATH": "/usr/bin:/bin", "TZ": "UTC"},
                start_new_session=True,  # Ctrl-C in the console is for us alone: we stop the services first
                pass_fds=(place.lock, held),
                restore_signals=False,  # SIGXFSZ stays ignored: a file-size limit is an error, not a death
            ).result()
        os.close(held)

    @property
    def pid(self) -> int:
        return self._process.pid

    def running(self) -> bool:
        return self._process.poll() is None

    def said(self) -> str:
        """What the server wrote to its log since it was started."""
        with self.server.log.open("rb") as log:
            log.seek(self._log_from)
            return log.read().decode(errors="replace")

    def wait_ready(self) -> None:
        """Waits until the server takes work; raises `CannotStart` when it ends instead, or is not ready in 30 s."""
        until = time.monotonic() + READY_WITHIN
        while time.monotonic() < until:
            ended = not self.running()
            if ended:
                raise explain(self.server.name, self.said(), directory=self._place.home, port=self.server.port)
            if self.server.ready(self.pid):
                return
            time.sleep(LOOK_EVERY)
        raise CannotStart(f"{self.server.name} is not ready after {READY_WITHIN:.0f} s; see {self.server.log}.")

    def stop(self) -> None:
        """Ends the server politely, and with SIGKILL when it does not listen."""
        self._signal(self.server.stop_signal)
        if not self._gone(STOPPED_WITHIN):
            self.kill()
        self._close()

    def kill(self) -> None:
        """kill -9; returns when all processes of the server are gone."""
        self._signal(signal.SIGKILL)
        if not self._gone(STOPPED_WITHIN):
            raise CannotStart(f"{self.server.name} (process {self.pid}) does not end.")
        self._close()

    def _signal(self, number: signal.Signals) -> None:
        if self.running():
            self._process.send_signal(number)

    def _gone(self, within: float) -> bool:
        if self._alive >= 0:
            ended = select.poll()
            ended.register(self._alive, select.POLLIN)
            if not ended.poll(within * 1000):
                return False
        self._process.wait()
        return True

    def _close(self) -> None:
        if self._alive >= 0:
            os.close(self._alive)
            self._alive = -1


def launch_command(command: list[str], place: Place, death_signal: signal.Signals) -> list[str]:
    """The command line that becomes `command` as the servers' user and with the parent-death signal."""
    who = (place.user.uid, place.user.gid) if place.user else (-1, -1)
    words = [str(number) for number in (os.getpid(), int(death_signal), *who)]
    return [sys.executable, "-I", "-S", launch.__file__, *words, *command]


def run_to_end(command: list[str], place: Place) -> "subprocess.CompletedProcess[str]":
    """Runs a short program as the servers' user and gives its exit code and what it wrote."""
    return subprocess.run(  # noqa: S603
        launch_command(command, place, signal.SIGTERM),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        cwd=place.home,
        env={"PATH": "/usr/bin:/bin", "TZ": "UTC"},
        pass_fds=(place.lock,),
        restore_signals=False,
    )
