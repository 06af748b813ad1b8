"""Tickets: golden bytes under a fixed key, and everything that must not pass."""

from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator

import msgspec
import pytest
from nats.js import JetStreamContext

from shared.access.tickets import BadTicket, Nonces, Ticket, mint, new_nonce, public_key, verify
from shared.bus.connection import connect

SEED = bytes(range(32))
KEY = bytes.fromhex("03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8")
NOW = 1_767_322_790.0
TICKET = Ticket(
    session="5e55",
    municipality="dresden",
    person="p-7",
    document="plan-018f",
    right="write",
    name="Änne Müller",
    hue=3,
    schema=1,
    nonce="00112233445566778899aabbccddeeff",
    expires=1_767_322_800,
)
TOKEN = (
    "eyJkb2N1bWVudCI6InBsYW4tMDE4ZiIsImV4cGlyZXMiOjE3NjczMjI4MDAsImh1ZSI6MywibXVuaWNpcGFsaXR5IjoiZHJlc2RlbiIsIm5hbWUiOi"
    "LDhG5uZSBNw7xsbGVyIiwibm9uY2UiOiIwMDExMjIzMzQ0NTU2Njc3ODg5OWFhYmJjY2RkZWVmZiIsInBlcnNvbiI6InAtNyIsInJpZ2h0Ijoid3Jp"
    "dGUiLCJzY2hlbWEiOjEsInNlc3Npb24iOiI1ZTU1In0.I76UBgElJbjoCu8uLldPBkpVACo8PiuDdOLt238qou7Unv8OjFHnxYFvJxkqBRvtaIOND4"
    "3F_cfxsAMENRbCDA"
)


def test_a_ticket_has_its_bytes_for_ever() -> None:
    assert public_key(SEED) == KEY
    assert mint(SEED, TICKET) == TOKEN
    assert verify([KEY], TOKEN, NOW) == TICKET


def test_one_of_several_keys_is_enough() -> None:
    assert verify([public_key(b"\x07" * 32), KEY], TOKEN, NOW) == TICKET
    with pytest.raises(BadTicket, match="signature"):
        verify([public_key(b"\x07" * 32)], TOKEN, NOW)


@pytest.mark.parametrize("now", [NOW + 10, NOW + 1_000, NOW - 60, 0.0])
def test_a_ticket_lives_half_a_minute(now: float) -> None:
    with pytest.raises(BadTicket, match="time"):
        verify([KEY], TOKEN, now)


def test_claims_cannot_be_changed() -> None:
    forged = msgspec.json.encode(msgspec.structs.replace(TICKET, document="plan-other"), order="sorted")
    token = urlsafe_b64encode(forged).rstrip(b"=").decode() + "." + TOKEN.partition(".")[2]
    with pytest.raises(BadTicket, match="signature"):
        verify([KEY], token, NOW)


@pytest.mark.parametrize(
    "token", ["", ".", "a.b", TOKEN + "A", TOKEN[:-1], TOKEN.replace(".", ""), "ä" * 90, "A" * 9000]
)
def test_what_is_no_ticket_is_refused(token: str) -> None:
    with pytest.raises(BadTicket):
        verify([KEY], token, NOW)


@pytest.mark.parametrize(
    "change", [{"hue": 9}, {"hue": 0}, {"right": "own"}, {"nonce": "x"}, {"name": "x" * 121}, {"schema": "1"}]
)
def test_signed_claims_must_be_claims(change: dict[str, object]) -> None:
    with pytest.raises(BadTicket, match="claims"):
        verify([KEY], mint(SEED, msgspec.structs.replace(TICKET, **change)), NOW)


@pytest.fixture
async def js(nats_url: str) -> AsyncIterator[JetStreamContext]:
    client, js = await connect(nats_url, name="tickets")
    yield js
    await client.close()


async def test_a_nonce_is_spent_once_whoever_asks(js: JetStreamContext) -> None:
    one, two = await Nonces.open(js), await Nonces.open(js)
    nonce = new_nonce()
    assert await one.spend(nonce)
    assert not await two.spend(nonce)
    assert not await one.spend(nonce)
    assert await two.spend(new_nonce())
