"""Sessions on the server: one key of a NATS bucket each, read on every request, known to all services, revocable.

The browser holds a random token; only its SHA-256 is stored. A session belongs to an account, to a guest of one
meeting, or to an anonymous reader. Names and addresses never stand in it.
"""

import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from msgspec import Struct, json
from msgspec.structs import replace
from nats.aio.client import Client
from nats.js import JetStreamContext

from shared.access.buckets import Bucket, Changed, Memory

RENEWAL = timedelta(minutes=10)
ACCOUNT_IDLE, SHORT_IDLE, LONGEST = timedelta(days=14), timedelta(days=1), timedelta(days=90)

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_ACCOUNT = re.compile(r"[A-Za-z0-9_-]+")


class Guest(Struct, frozen=True, kw_only=True):
    """Somebody who joined one meeting by code; the first name lies sealed in the directory, under `person`."""

    municipality: str
    meeting: str
    person: str


class Session(Struct, frozen=True, kw_only=True):
    """Who is asking. `id` is the token's digest and tells nothing; `secret` is for the CSRF token.

    `persons` maps a municipality to the account's pseudonym there, `roles` to its roles; `seen` maps
    `<municipality>.<service>` to the position of the last fact that a command of this session led to.
    """

    id: str
    secret: str
    created: datetime
    renewed: datetime
    account: str = ""
    persons: dict[str, str] = {}
    roles: dict[str, tuple[str, ...]] = {}
    guest: Guest | None = None
    language: str = "de"
    seen: dict[str, int] = {}

    def person(self, municipality: str) -> str | None:
        """The pseudonym under which the session acts in `municipality`, if any."""
        if self.guest and self.guest.municipality == municipality:
            return self.guest.person
        return self.persons.get(municipality)

    def roles_in(self, municipality: str) -> frozenset[str]:
        return frozenset(self.roles.get(municipality, ()))

    def seen_in(self, municipality: str) -> dict[str, int]:
        """Service → position that pages of `municipality` must have heard before they answer."""
        split = ((*key.partition("."), position) for key, position in self.seen.items())
        return {service: position for place, _, service, position in split if place == municipality}

    def expires(self) -> datetime:
        idle = ACCOUNT_IDLE if self.account else SHORT_IDLE
        return min(self.renewed + idle, self.created + LONGEST)


def session_id(token: str) -> str:
    """The key under which the session of `token` lies."""
    return sha256(token.encode()).hexdigest()


class Sessions:
    """All sessions of the deployment. `clock` gives the time in UTC."""

    def __init__(self, client: Client, bucket: Bucket, clock: Callable[[], datetime]) -> None:
        self._client, self._bucket, self._clock = client, bucket, clock
        self._memory = Memory[Session]()

    @classmethod
    async def open(
        cls,
        client: Client,
        js: JetStreamContext,
        *,
        replicas: int = 1,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> "Sessions":
        bucket = await Bucket.open(js, "sessions", ttl=LONGEST.total_seconds(), replicas=replicas)
        return cls(client, bucket, clock)

    async def start(
        self,
        *,
        account: str = "",
        persons: Mapping[str, str] | None = None,
        roles: Mapping[str, Sequence[str]] | None = None,
        guest: Guest | None = None,
        language: str = "de",
    ) -> tuple[str, Session]:
        """A new session and the token for its cookie. At sign-in the former session is to be revoked by the caller."""
        if account and not _ACCOUNT.fullmatch(account):
            raise ValueError(f"no account id: {account!r}")
        token, now = secrets.token_urlsafe(32), self._clock()
        session = Session(
            id=session_id(token),
            secret=secrets.token_hex(32),
            created=now,
            renewed=now,
            account=account,
            persons=dict(persons or {}),
            roles={place: tuple(sorted(held)) for place, held in (roles or {}).items()},
            guest=guest,
            language=language,
        )
        if account:  # first, so that no session escapes the revocation of its account
            await self._bucket.write(f"of.{account}.{session.id}", b"", seconds=LONGEST.total_seconds())
        await self._write(session, revision=0)
        return token, session

    async def read(self, token: str) -> Session | None:
        """The session of `token`, renewed if that was ten minutes ago; None if unknown, over or revoked."""
        if not _TOKEN.fullmatch(token):
            return None
        session, revision = await self._load(session_id(token))
        if session is None or self._clock() - session.renewed < RENEWAL:
            return session
        renewed = replace(session, renewed=self._clock())
        try:
            await self._write(renewed, revision)
        except Changed:  # revoked or written meanwhile; either way this request need not renew
            return (await self._load(session.id))[0]
        return renewed

    async def change(self, session: str, changed: Callable[[Session], Session]) -> Session | None:
        """Applies `changed` to the session with this id, again if somebody was faster; None if it is over."""
        while True:
            known, revision = await self._load(session)
            if known is None or (wanted := changed(known)) == known:
                return known
            try:
                await self._write(wanted, revision)
                return wanted
            except Changed:
                continue

    async def saw(self, session: str, municipality: str, service: str, position: int) -> None:
        """Notes how far `service` had told facts after a command of this session; never goes back."""
        key = f"{municipality}.{service}"

        def later(known: Session) -> Session:
            return replace(known, seen=known.seen | {key: max(position, known.seen.get(key, 0))})

        if known := self._memory.take(session):  # read when the request began; nobody has written since, as a rule
            with suppress(Changed):
                await self._write(later(known[0]), known[1])
                return
        await self.change(session, later)

    async def grant(self, account: str, municipality: str, person: str, roles: Sequence[str]) -> None:
        """Sets person and roles of the account in `municipality`, in all its sessions; a lost role is announced."""
        lost = False

        def granted(known: Session) -> Session:
            nonlocal lost
            held = tuple(sorted(roles))
            lost = lost or bool(known.roles_in(municipality) - set(held))
            all_roles = known.roles | {municipality: held}
            return replace(known, persons=known.persons | {municipality: person}, roles=all_roles)

        for session in await self.of_account(account):
            await self.change(session, granted)
        if lost:
            await self._client.publish(f"access.revoked.{municipality}", json.encode({"person": person}))

    async def revoke(self, session: str) -> None:
        """Ends the session with this id and tells gateways and streams, which close what it opened."""
        known, _ = await self._load(session)
        await self._bucket.remove(f"s.{session}")
        if known and known.account:
            await self._bucket.remove(f"of.{known.account}.{session}")
        await self._client.publish("access.revoked.deployment", json.encode({"session": session}))
        await self._client.flush()

    async def revoke_account(self, account: str) -> int:
        """Ends all sessions of an account (suspension, forgetting, sign out everywhere); their number."""
        sessions = await self.of_account(account)
        for session in sessions:
            await self.revoke(session)
        return len(sessions)

    async def of_account(self, account: str) -> list[str]:
        """The ids of the account's sessions that are still open."""
        if not _ACCOUNT.fullmatch(account):
            raise ValueError(f"no account id: {account!r}")
        noted = [key.rpartition(".")[2] for key in await self._bucket.keys(f"of.{account}")]
        return [session for session in noted if (await self._load(session))[0]]

    async def _load(self, session: str) -> tuple[Session | None, int]:
        held = await self._bucket.read(f"s.{session}")
        known = None if held.value is None else json.decode(held.value, type=Session)
        if known:
            self._memory.keep(session, known, held.revision)
        return (known if known and known.expires() > self._clock() else None), held.revision

    async def _write(self, session: Session, revision: int) -> None:
        left = max(1.0, (session.expires() - self._clock()).total_seconds())
        written = await self._bucket.write(f"s.{session.id}", json.encode(session), revision=revision, seconds=left)
        self._memory.keep(session.id, session, written)
