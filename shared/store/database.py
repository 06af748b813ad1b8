"""A service's database: its three roles, the log, and the check that nothing acknowledged can be lost."""

from importlib.resources import files
from typing import TypeAlias
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from shared.ids import is_name

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"


class NotDurable(Exception):
    """The server would acknowledge what a power cut can still take away."""


async def create(admin_url: str, name: str, password: str) -> tuple[str, str]:
    """Creates database `name` with its roles, once; returns the URLs of the migrator and of the application.

    The owner owns everything and cannot log in; the migrator may become the owner; the application owns nothing.
    Only this function needs an administrator of the server.
    """
    if not is_name(name):
        raise ValueError(f"a database cannot be named {name!r}")
    connection = await asyncpg.connect(admin_url)
    try:
        for role, login in ((f"{name}_owner", False), (f"{name}_migrator", True), (f"{name}_app", True)):
            if not await connection.fetchval("select 1 from pg_roles where rolname = $1", role):
                await connection.execute(f"create role {role}" + (" login" if login else ""))
            if login:
                # create role takes no parameters; format() quotes the password as a literal
                await connection.execute(
                    await connection.fetchval(f"select format('alter role {role} password %L', $1::text)", password)
                )
                # A transaction that somebody forgot holds locks and keeps dead rows.
                await connection.execute(f"alter role {role} set idle_in_transaction_session_timeout = '30s'")
        await connection.execute(f"grant {name}_owner to {name}_migrator")
        if not await connection.fetchval("select 1 from pg_database where datname = $1", name):
            await connection.execute(f"create database {name} owner {name}_owner")
    finally:
        await connection.close()
    return _url(admin_url, f"{name}_migrator", password, name), _url(admin_url, f"{name}_app", password, name)


def _url(admin_url: str, user: str, password: str, database: str) -> str:
    parts = urlsplit(admin_url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}", path=f"/{database}"))


async def migrate(migrator_url: str) -> None:
    """Brings the log's tables and functions up to date, as the owner. Raises `NotDurable`."""
    connection = await asyncpg.connect(migrator_url)
    try:
        await refuse_without_durability(connection)
        name = await connection.fetchval("select current_database()")
        async with connection.transaction():
            await connection.execute("select pg_advisory_xact_lock(hashtext('gemeinwerk migrate'))")
            await connection.execute(f"set local role {name}_owner")
            await connection.execute(files("shared.store").joinpath("log.sql").read_text(encoding="utf-8"))
            await connection.execute(_GRANTS.format(app=f"{name}_app"))
    finally:
        await connection.close()


_GRANTS = """
revoke all on schema public from public;
revoke all on all functions in schema store from public;
grant usage on schema store to {app};
grant select on all tables in schema store to {app};
grant execute on all functions in schema store to {app};
"""


_UNSAFE = ("fsync", "full_page_writes", "synchronous_commit")


async def refuse_without_durability(connection: Connection) -> None:
    """Raises `NotDurable` where the server, this database or one of its roles runs with a switch off that saves us."""
    for setting in _UNSAFE:
        if await connection.fetchval("select current_setting($1)", setting) == "off":
            raise NotDurable(f"PostgreSQL runs with {setting} = off; nothing is written on such a server")
    if found := await connection.fetchval(_OWN_SETTINGS, list(_UNSAFE)):
        raise NotDurable(f"a role or database of PostgreSQL has {found}; nothing is written with it")


# What is set for a role or a database counts from its next connection on (false, 0 and no are spellings of off).
_OWN_SETTINGS = """
select c from pg_db_role_setting s, unnest(s.setconfig) c
 where split_part(c, '=', 1) = any($1) and lower(split_part(c, '=', 2)) in ('off', 'false', 'no', '0')
   and s.setdatabase in (0, (select oid from pg_database where datname = current_database()))
   and (s.setrole = 0 or (select rolname from pg_roles where oid = s.setrole)
                         in (current_database() || '_app', current_database() || '_owner')) limit 1
"""
