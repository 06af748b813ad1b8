"""What is told to whoever listens just now, and kept by nobody: revoked rights, the live session."""

from collections.abc import Callable

from nats.aio.client import Client
from nats.aio.msg import Msg


async def listen(client: Client, subject: str, heard: Callable[[str, bytes], None]) -> None:
    """Calls `heard` with subject and payload of all that is told on `subject` (wildcards allowed) from now on."""

    async def hand_on(message: Msg) -> None:
        heard(message.subject, message.data)

    await client.subscribe(subject, cb=hand_on)


async def tell(client: Client, subject: str, payload: bytes) -> None:
    """Returns when the broker has it; nobody else need."""
    await client.publish(subject, payload)
    await client.flush()
