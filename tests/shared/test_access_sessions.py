import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from msgspec import json
from msgspec.structs import replace
from nats.aio.client import Client
from nats.js import JetStreamContext

from shared.access.buckets import Bucket, Changed
from shared.access.cookies import cookie_for, csrf_fits, csrf_token
from shared.access.sessions import Guest, Sessions, session_id
from shared.bus.connection import connect
from shared.ids import new_id
from tests.infra import eventually


@dataclass
class Clock:
    now: datetime = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


@pytest.fixture
async def broker(nats_url: str) -> AsyncIterator[tuple[Client, JetStreamContext]]:
    client, js = await connect(nats_url, name="test")
    yield client, js
    await client.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def sessions(broker, clock) -> Sessions:
    return await Sessions.open(*broker, clock=clock)


async def test_a_token_leads_to_its_session_and_only_its_digest_is_stored(broker, sessions):
    account = new_id()
    token, session = await sessions.start(
        account=account, persons={"dresden": "p-1"}, roles={"dresden": ["reviewer", "coordinator"]}, language="en"
    )
    assert await sessions.read(token) == session
    assert session.id == session_id(token)
    assert session.person("dresden") == "p-1"
    assert session.person("detmold") is None
    assert session.roles_in("dresden") == {"coordinator", "reviewer"}
    assert session.roles_in("detmold") == frozenset()
    stored = await (await broker[1].key_value("sessions")).get(f"s.{session.id}")
    assert stored.value
    assert token.encode() not in stored.value


@pytest.mark.parametrize("token", ["", "a" * 42, "a" * 43, "a" * 44, "s.*", ">" * 43, "ä" * 43])
async def test_an_unknown_or_ill_formed_token_leads_nowhere(sessions, token):
    assert await sessions.read(token) is None


async def test_a_reader_without_account_and_a_guest_have_sessions_too(sessions):
    _, anonymous = await sessions.start()
    _, guest = await sessions.start(guest=Guest(municipality="detmold", meeting="m-1", person="g-1"))
    assert anonymous.person("detmold") is None
    assert guest.person("detmold") == "g-1"
    assert guest.person("dresden") is None


async def test_a_session_is_renewed_at_most_every_ten_minutes(broker, sessions, clock):
    token, session = await sessions.start(account=new_id())
    bucket = await broker[1].key_value("sessions")
    first = (await bucket.get(f"s.{session.id}")).revision
    clock.pass_by(minutes=9, seconds=59)
    await sessions.read(token)
    assert (await bucket.get(f"s.{session.id}")).revision == first
    clock.pass_by(seconds=1)
    renewed = await sessions.read(token)
    assert renewed == replace(session, renewed=clock.now)
    assert (await bucket.get(f"s.{session.id}")).revision != first


@pytest.mark.parametrize(("account", "days"), [("account", 14), ("", 1)])
async def test_an_idle_session_ends(sessions, clock, account, days):
    token, _ = await sessions.start(account=account)
    clock.pass_by(days=days, seconds=-1)
    assert await sessions.read(token)
    clock.pass_by(days=days)
    assert await sessions.read(token) is None


async def test_no_session_is_renewed_for_ever(sessions, clock):
    token, _ = await sessions.start(account=new_id())
    for _ in range(8):
        clock.pass_by(days=11)
        assert await sessions.read(token)
    clock.pass_by(days=2)
    assert await sessions.read(token) is None


async def test_the_broker_itself_drops_what_has_expired(broker):
    bucket = await Bucket.open(broker[1], f"expiring-{new_id()}")
    await bucket.write("a.b", b"1", seconds=1)

    async def gone() -> bool:
        return (await bucket.read("a.b")).value is None

    assert not await gone()
    await eventually(gone)


async def test_a_revoked_session_is_over_at_once_and_announced(broker, sessions):
    token, session = await sessions.start(account=new_id())
    heard = await broker[0].subscribe("access.revoked.deployment")
    await sessions.revoke(session.id)
    assert await sessions.read(token) is None
    assert json.decode((await heard.next_msg(5)).data) == {"session": session.id}
    await heard.unsubscribe()


async def test_a_renewal_never_brings_a_revoked_session_back(broker, sessions, clock):
    token, session = await sessions.start(account=new_id())
    clock.pass_by(minutes=11)
    await asyncio.gather(*(sessions.read(token) for _ in range(20)), sessions.revoke(session.id))
    assert await sessions.read(token) is None
    bucket = await Bucket.open(broker[1], "sessions")
    with pytest.raises(Changed):
        await bucket.write(f"s.{session.id}", b"{}", revision=1)


async def test_all_sessions_of_an_account_end_together(sessions):
    account, neighbour = new_id(), new_id()
    own = [await sessions.start(account=account) for _ in range(3)]
    other, _ = await sessions.start(account=neighbour)
    assert await sessions.revoke_account(account) == 3
    assert [await sessions.read(token) for token, _ in own] == [None, None, None]
    assert await sessions.read(other)
    assert await sessions.of_account(account) == []


async def test_a_role_reaches_every_session_and_a_lost_one_is_announced(broker, sessions):
    account, heard = new_id(), await broker[0].subscribe("access.revoked.dresden")
    tokens = [(await sessions.start(account=account))[0] for _ in range(2)]
    await sessions.grant(account, "dresden", "p-1", ["reviewer", "auditor"])
    await sessions.grant(account, "detmold", "p-2", ["coordinator"])
    await sessions.grant(account, "dresden", "p-1", ["auditor"])
    for token in tokens:
        session = await sessions.read(token)
        assert session
        assert session.roles == {"dresden": ("auditor",), "detmold": ("coordinator",)}
        assert session.persons == {"dresden": "p-1", "detmold": "p-2"}
    assert json.decode((await heard.next_msg(5)).data) == {"person": "p-1"}
    assert heard.pending_msgs == 0, "only the loss is announced"
    await heard.unsubscribe()


async def test_what_was_seen_is_kept_per_municipality_and_never_goes_back(sessions):
    token, session = await sessions.start()
    seen = [("dresden", "funding", position) for position in (3, 9, 4)] + [("detmold", "funding", 2)]
    await asyncio.gather(*(sessions.saw(session.id, *args) for args in seen))
    known = await sessions.read(token)
    assert known
    assert known.seen_in("dresden") == {"funding": 9}
    assert known.seen_in("detmold") == {"funding": 2}
    assert known.seen_in("dortmund") == {}


async def test_an_account_id_cannot_reach_into_others(sessions):
    for account in ("*", ">", "a.b", "a b"):
        with pytest.raises(ValueError, match="no account id"):
            await sessions.start(account=account)
        with pytest.raises(ValueError, match="no account id"):
            await sessions.revoke_account(account)


async def test_a_session_starts_after_the_broker_lost_its_bucket(broker, sessions):
    before, session = await sessions.start()
    await broker[1].delete_key_value("sessions")
    assert await sessions.read(before) is None
    await sessions.revoke(session.id)
    token, _ = await sessions.start()
    assert await sessions.read(token)


def test_under_https_the_cookie_is_bound_to_its_host():
    cookie = cookie_for("https://gemeinwerk.example")
    assert cookie.write("abc") == "__Host-gw=abc; Path=/; HttpOnly; SameSite=Lax; Secure"
    assert cookie.read("x=1; __Host-gw=abc; gw=planted") == "abc"
    assert cookie.read("gw=planted; __host-gw=planted") is None
    assert cookie.erase().startswith("__Host-gw=; ")
    assert cookie.erase().endswith("; Secure; Max-Age=0")


@pytest.mark.parametrize("url", ["http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000"])
def test_on_loopback_a_plain_cookie_serves(url):
    cookie = cookie_for(url)
    assert cookie.write("abc", seconds=60) == "gw=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=60"
    assert cookie.read(" gw=abc") == "abc"
    assert cookie.read("") is None


@pytest.mark.parametrize(
    "url", ["http://gemeinwerk.example", "http://localhost.example", "http://10.0.0.1", "ftp://localhost"]
)
def test_elsewhere_http_is_refused(url):
    with pytest.raises(ValueError, match="https"):
        cookie_for(url)


async def test_a_csrf_token_fits_its_own_session_alone(sessions):
    (_, own), (_, other) = await sessions.start(), await sessions.start()
    assert csrf_fits(own, csrf_token(own))
    assert not csrf_fits(own, csrf_token(other))
    assert not csrf_fits(own, "")
    assert not csrf_fits(own, "ä\ud800")
