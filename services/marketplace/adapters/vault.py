"""The vault: who is behind an account and a pseudonym. Sealed, kept in no log, and nowhere else."""

import hmac
import os
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

import sqlalchemy as sa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from shared.access.codes import Code, Verdict, issue, judge
from shared.fenced import fence
from shared.ids import new_id

_vault = sa.MetaData(schema="vault")

accounts = sa.Table(
    "accounts",
    _vault,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("address_digest", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("address", sa.LargeBinary, nullable=False),
    sa.Column("name", sa.LargeBinary),
)
persons = sa.Table(
    "persons",
    _vault,
    sa.Column("municipality", sa.Text, primary_key=True),
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("person", sa.Text, nullable=False),
    sa.UniqueConstraint("municipality", "person"),
)
codes = sa.Table(
    "codes",
    _vault,
    sa.Column("address_digest", sa.LargeBinary, primary_key=True),
    sa.Column("salt", sa.Text, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("expires", sa.DateTime(timezone=True), nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("spent", sa.Boolean, nullable=False),
)
PRIVATE = (accounts, persons, codes)


class Vault:
    """Accounts, their addresses and names. `key` is the deployment's, 32 bytes."""

    def __init__(self, engine: AsyncEngine, key: bytes) -> None:
        self._engine = engine
        self._key = key
        self._cipher = AESGCM(hmac.digest(key, b"vault", "sha256"))

    def code_for(self, address: str, now: datetime) -> tuple[str, Code]:
        """Six digits for an address, which count once `keep` has their row."""
        return issue(self._key, _purpose(address), now)

    async def keep(self, address: str, code: Code) -> None:
        """From now on this code counts, and the one before no longer."""
        row = {"salt": code.salt, "digest": code.digest, "expires": code.expires, "attempts": 0, "spent": False}
        statement = insert(codes).values(address_digest=self._digest(address), **row)
        async with self._engine.begin() as connection:
            await connection.execute(
                statement.on_conflict_do_update(index_elements=["address_digest"], set_=row),
            )

    async def redeem(self, address: str, typed: str, now: datetime) -> Verdict:
        """Judges a code; the try is counted in the same transaction that holds the row."""
        mine = codes.c.address_digest == self._digest(address)
        async with self._engine.begin() as connection:
            row = (await connection.execute(sa.select(codes).where(mine).with_for_update())).first()
            if row is None:
                return "expired"
            known = Code(salt=row.salt, digest=row.digest, expires=row.expires, attempts=row.attempts, spent=row.spent)
            verdict, after = judge(self._key, _purpose(address), known, typed, now)
            await connection.execute(sa.update(codes).where(mine).values(attempts=after.attempts, spent=after.spent))
        return verdict

    async def account(self, address: str) -> str:
        """The account behind an address, opened at its first use."""
        digest = self._digest(address)
        async with self._engine.begin() as connection:
            new = {"id": new_id(), "address_digest": digest, "address": self._seal(address)}
            await connection.execute(insert(accounts).values(**new).on_conflict_do_nothing())
            found = await connection.execute(sa.select(accounts.c.id).where(accounts.c.address_digest == digest))
            return str(found.scalar_one())

    async def rename(self, account: str, name: str) -> None:
        async with self._engine.begin() as connection:
            mine = accounts.c.id == account
            await connection.execute(sa.update(accounts).where(mine).values(name=self._seal(name)))

    async def name(self, account: str) -> str | None:
        """The name that an account shows; None until one is chosen."""
        async with self._engine.begin() as connection:
            sealed = await connection.scalar(sa.select(accounts.c.name).where(accounts.c.id == account))
        return None if sealed is None else self._open(sealed)

    async def address(self, account: str) -> str | None:
        async with self._engine.begin() as connection:
            sealed = await connection.scalar(sa.select(accounts.c.address).where(accounts.c.id == account))
        return None if sealed is None else self._open(sealed)

    async def person(self, municipality: str, account: str) -> str:
        """The pseudonym of an account in a municipality, given at its first use."""
        async with self._engine.begin() as connection:
            await fence(connection, municipality)
            new = {"municipality": municipality, "account": account, "person": new_id()}
            await connection.execute(insert(persons).values(**new).on_conflict_do_nothing())
            mine = (persons.c.municipality == municipality) & (persons.c.account == account)
            return str((await connection.execute(sa.select(persons.c.person).where(mine))).scalar_one())

    async def known_in(self, account: str, municipalities: list[str]) -> Mapping[str, str]:
        """Municipality → pseudonym, where the account has one."""
        found = {}
        for municipality in municipalities:
            async with self._engine.begin() as connection:
                await fence(connection, municipality)
                mine = (persons.c.municipality == municipality) & (persons.c.account == account)
                if person := await connection.scalar(sa.select(persons.c.person).where(mine)):
                    found[municipality] = person
        return found

    async def account_of(self, municipality: str, person: str) -> str | None:
        """The account behind a pseudonym."""
        async with self._engine.begin() as connection:
            await fence(connection, municipality)
            mine = (persons.c.municipality == municipality) & (persons.c.person == person)
            account: str | None = await connection.scalar(sa.select(persons.c.account).where(mine))
            return account

    def _digest(self, address: str) -> bytes:
        return hmac.new(self._key, f"address/{_normal(address)}".encode(), sha256).digest()

    def _seal(self, text: str) -> bytes:
        nonce = os.urandom(12)
        return nonce + self._cipher.encrypt(nonce, text.encode(), None)

    def _open(self, sealed: bytes) -> str:
        return self._cipher.decrypt(sealed[:12], sealed[12:], None).decode()


def _purpose(address: str) -> str:
    return f"sign-in/{_normal(address)}"


def _normal(address: str) -> str:
    return address.strip().casefold()
