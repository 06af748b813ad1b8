"""A table in a room lets guests without account join by its code, as long as it is open."""

from typing import TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from services.events.domain.progress import Digest
from services.events.domain.template import Words
from shared.decider import Rejected
from shared.message import Command, Event


# Events: stored for ever in the stream of the meeting. Add optional fields; never rename, retype or remove.
class TableOpened(Event):
    """The code itself is never stored, only its keyed digest: whoever reads the log cannot sit down."""

    table_id: str
    name: str
    code_digest: str


class TableClosed(Event):
    table_id: str


TableEvent: TypeAlias = TableOpened | TableClosed


# State: only what the next decision needs.
class Tables(Struct, frozen=True):
    open: dict[str, str] = {}  # table → digest of its code
    closed: frozenset[str] = frozenset()


def evolve_tables(state: Tables, event: TableEvent) -> Tables:
    match event:
        case TableOpened(table_id=table, code_digest=code):
            return replace(state, open=state.open | {table: code})
        case TableClosed(table_id=table):
            left = {key: code for key, code in state.open.items() if key != table}
            return Tables(left, state.closed | {table})


# Decisions: a repeated command decides nothing new.
class OpenTable(Command):
    table_id: str
    name: Words
    code_digest: Digest


class CloseTable(Command):
    table_id: str


TableCommand: TypeAlias = OpenTable | CloseTable


def decide_tables(command: TableCommand, state: Tables) -> list[Event]:
    match command:
        case OpenTable(table_id=table) if table in state.open or table in state.closed:
            return []
        case OpenTable(code_digest=code) if code in state.open.values():
            raise Rejected("table_code_in_use")
        case OpenTable(table_id=table, name=name, code_digest=code):
            return [TableOpened(table_id=table, name=name, code_digest=code)]
        case CloseTable(table_id=table) if table in state.open:
            return [TableClosed(table_id=table)]
        case CloseTable(table_id=table) if table in state.closed:
            return []
    raise Rejected("table_unknown")
