"""Puts the tables of a service's views in place; a view in a new version is dropped, and fills itself again."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from shared.fenced import engine_of
from shared.inbox import heard, sources
from shared.projector import checkpoints
from shared.view import View

_VERSIONS = "create table if not exists views.versions (view text primary key, version integer not null)"
_FENCE = (
    "alter table {t} enable row level security",
    "alter table {t} force row level security",
    "drop policy if exists own on {t}",
    "create policy own on {t} using (municipality = nullif(current_setting('app.municipality', true), ''))",
    "grant select, insert, update, delete on {t} to {app}",
)


async def install_views(migrator_url: str, views: Sequence[View], private: Sequence[sa.Table] = ()) -> list[str]:
    """Creates what is missing, as the owner, and returns the names of the views that start anew.

    `private` tables hold what is kept in no log (codes, names): created once and never dropped here.
    """
    engine = engine_of(migrator_url, size=1)
    try:
        async with engine.begin() as connection:
            name = await connection.scalar(sa.text("select current_database()"))
            for statement in (
                "select pg_advisory_xact_lock(hashtext('gemeinwerk migrate'))",
                f"set local role {name}_owner",
                "create extension if not exists pg_trgm schema public",
                "create schema if not exists views",
                "create schema if not exists vault",
                _VERSIONS,
                f"grant usage on schema views, vault, public to {name}_app",
                f"grant select on views.versions to {name}_app",
            ):
                await connection.execute(sa.text(statement))
            for table in (checkpoints, heard, sources, *private):
                await _create(connection, table, f"{name}_app")
            return [view.name for view in views if await _install(connection, view, f"{name}_app")]
    finally:
        await engine.dispose()


async def forget_views(migrator_url: str, views: Sequence[View]) -> None:
    """Lets the next installation start these views anew."""
    engine = engine_of(migrator_url, size=1)
    try:
        async with engine.begin() as connection:
            name = await connection.scalar(sa.text("select current_database()"))
            await connection.execute(sa.text(f"set local role {name}_owner"))
            forgotten = {"names": [view.name for view in views]}
            await connection.execute(
                sa.text("update views.versions set version = 0 where view = any(:names)"), forgotten
            )
    finally:
        await engine.dispose()


async def _install(connection: AsyncConnection, view: View, app: str) -> bool:
    present = await connection.scalar(sa.text("select version from views.versions where view = :v"), {"v": view.name})
    if present == view.version:
        return False
    for table in view.tables:
        await connection.execute(sa.schema.DropTable(table, if_exists=True))
        await _create(connection, table, app)
    # The owner too sees checkpoints only municipality by municipality: lift the fence for this one statement.
    await connection.execute(sa.text("alter table views.checkpoints disable row level security"))
    await connection.execute(sa.delete(checkpoints).where(checkpoints.c.view == view.name))
    await connection.execute(sa.text("alter table views.checkpoints enable row level security"))
    await connection.execute(
        sa.text(
            "insert into views.versions values (:v, :n) on conflict (view) do update set version = excluded.version"
        ),
        {"v": view.name, "n": view.version},
    )
    return True


async def _create(connection: AsyncConnection, table: sa.Table, app: str) -> None:
    await connection.run_sync(lambda sync: table.create(sync, checkfirst=True))
    if "municipality" in table.c:
        for statement in _FENCE:
            await connection.execute(sa.text(statement.format(t=f"{table.schema}.{table.name}", app=app)))
    else:
        await connection.execute(
            sa.text(f"grant select, insert, update, delete on {table.schema}.{table.name} to {app}")
        )
