"""Changes of a view travel in groups, and yet every row sees its own in order."""

import asyncpg
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.dialects.postgresql import insert

from shared.fenced import engine_of
from shared.view import apply, grouped

_METADATA = sa.MetaData()
notes = sa.Table(
    "notes",
    _METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("text", sa.Text),
    sa.Column("mark", sa.Text),
)
_insert = insert(notes)
PUT = _insert.on_conflict_do_update(index_elements=["id"], set_={"text": notes.c.text + _insert.excluded.text})
MARK = sa.update(notes).where(notes.c.id == sa.bindparam("id")).values(mark=sa.bindparam("m"))
DROP = sa.delete(notes).where(notes.c.id == sa.bindparam("id"))
MARK_ALL = sa.update(notes).values(mark=sa.func.coalesce(notes.c.mark, "") + sa.bindparam("m", type_=sa.Text))

ids, words = st.sampled_from("abcd"), st.text("xyz", min_size=1, max_size=2)
change = st.one_of(
    st.builds(lambda id, text: (PUT, {"id": id, "text": text}), ids, words),
    st.builds(lambda id, text, mark: (PUT, {"id": id, "text": text, "mark": mark}), ids, words, words),
    st.builds(lambda id, mark: (MARK, {"id": id, "m": mark}), ids, words),
    st.builds(lambda id: (DROP, {"id": id}), ids),
    st.builds(lambda mark: (MARK_ALL, {"m": mark}), words),
)


async def test_grouped_changes_end_where_one_by_one_ends(database):
    drawn = []

    @given(st.lists(change, max_size=12))
    @settings(max_examples=150, deadline=None, database=None)
    def draw(changes):
        drawn.append(changes)

    draw()
    engine = engine_of(database)
    async with engine.begin() as connection:
        await connection.run_sync(_METADATA.create_all)
    await engine.dispose()
    connection = await asyncpg.connect(database)

    async def outcome(changes, how):
        await connection.execute("delete from notes")
        await how(changes)
        return [tuple(row) for row in await connection.fetch("select * from notes order by id")]

    async def one_by_one(changes):
        for one in changes:
            await apply(connection, [one])

    for changes in drawn:
        assert await outcome(changes, lambda changes: apply(connection, changes)) == await outcome(changes, one_by_one)
    await connection.close()


@given(st.lists(change, max_size=40))
@settings(max_examples=300, deadline=None, database=None)
def test_no_change_is_lost_and_those_of_one_id_keep_their_order(changes):
    groups = grouped(changes)
    flat = [(statement, row) for statement, rows in groups for row in rows]
    assert sorted(map(repr, map(_key, flat))) == sorted(map(repr, map(_key, changes)))
    for id in "abcd":  # a change without id stands between those before and those after it
        mine = [key for key in map(_key, changes) if key[1] in {id, None}]
        assert [key for key in map(_key, flat) if key[1] in {id, None}] == mine
    for _, rows in groups:
        assert len({tuple(row) for row in rows}) == 1, "rows of one round trip have the same columns"


def test_equal_changes_of_many_rows_are_one_round_trip():
    changes = [(PUT, {"id": str(number), "text": "x"}) for number in range(50)]
    changes += [(MARK, {"id": str(number), "m": "y"}) for number in range(50)]
    assert [len(rows) for _, rows in grouped(changes)] == [50, 50]


def _key(change):
    statement, row = change
    return id(statement), row.get("id"), str(row)
