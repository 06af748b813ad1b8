"""A service's database: its three roles, the log, and the check that nothing acknowledged can be lost."""

from importlib.resources import files
from urllib.parse import quote, urlsplit, urlunsplit

import asyncpg

from shared.ids import is_name


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
        await _refuse_without_durability(connection)
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


async def _refuse_without_durability(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    for setting, unsafe in (("fsync", "off"), ("full_page_writes", "off"), ("synchronous_commit", "off")):
        value = await connection.fetchval("select current_setting($1)", setting)
        if value == unsafe:
            raise NotDurable(f"PostgreSQL runs with {setting} = {value}; nothing is written on such a server")
