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
    template = Template(TEMPLATE.read_text(encoding="utf-8"))
    services, system = place.passwords["services"], place.passwords["system"]
    store = json.dumps(str(place.folder("nats")), ensure_ascii=False)  # quoted as nats-server reads it
    text = template.substitute(port=port, store=store, services_password=services, system_password=system)
    configuration = place.write("nats.conf", text)
    return Server(
        name=NAME,
        command=[str(binaries.nats), "--config", str(configuration)],
        port=port,
        stop_signal=signal.SIGTERM,
        log=log,
        ready=lambda pid: _answers(port, services),
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
