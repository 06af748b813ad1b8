"""NATS: configured from `deploy/nats/embedded.conf`, ready when it answers a ping with our password."""

import json
import signal
import socket
from pathlib import Path
from string import Template

from deploy.embedded.binaries import Binaries
from deploy.embedded.child import Server
from deploy.embedded.place import Place

NAME = "NATS"
TEMPLATE = Path(__file__).parents[1] / "nats" / "embedded.conf"


def prepare(place: Place, binaries: Binaries, port: int, log: Path) -> Server:
    """Writes the configuration and tells how to run the broker."""
    text = configuration("127.0.0.1", port, place.folder("nats"), place.passwords)
    written = place.write("nats.conf", text)
    return Server(
        name=NAME,
        command=[str(binaries.nats), "--config", str(written)],
        port=port,
        stop_signal=signal.SIGTERM,
        log=log,
        ready=lambda pid: _answers(port, place.passwords["services"]),
    )


def configuration(host: str, port: int, store: Path, passwords: dict[str, str]) -> str:
    """The text of nats.conf; `passwords` are those of `services` and `system`."""
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        host=host,
        port=port,
        store=json.dumps(str(store), ensure_ascii=False),  # quoted as nats-server reads it
        services_password=passwords["services"],
        system_password=passwords["system"],
    )


def _answers(port: int, password: str) -> bool:
    """CONNECT and PING (docs.nats.io, client protocol); the port opens only after JetStream has recovered."""
    connect = {"user": "services", "pass": password, "verbose": False, "pedantic": False}
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as wire:
            wire.sendall(f"CONNECT {json.dumps(connect)}\r\nPING\r\n".encode())
            said = b""
            while b"PONG" not in said and (more := wire.recv(4096)):
                said += more
            return b"PONG" in said
    except OSError:
        return False
