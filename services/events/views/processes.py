"""Which processes are under way, when is each step, how far has it come, and which distances were given up?"""

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from msgspec import to_builtins
from sqlalchemy.dialects.postgresql import JSONB, insert

from services.events.domain.process import ProcessStarted, ProcessStopped
from services.events.domain.progress import DocumentAttached, StepBegun, StepCompleted, StepSkipped
from services.events.domain.schedule import BrokenGap, Dated
from services.events.domain.timetable import AnchorMoved, StepRescheduled
from shared.store import Recorded
from shared.view import Change, View, table

processes = table(
    "processes",
    sa.Column("id", sa.Text),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("template", JSONB, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("land", sa.Text, nullable=False),
    sa.Column("anchor", sa.Date, nullable=False),
    sa.Column("goal", sa.Text),
    sa.Column("stopped", sa.Text),  # the reason
    sa.Column("version", sa.Integer, nullable=False),
)
steps = table(
    "steps",
    sa.Column("process", sa.Text),
    sa.Column("step", sa.Text),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("starts", sa.Date, nullable=False),
    sa.Column("ends", sa.Date, nullable=False),
    sa.Column("avoids", sa.Text),
    sa.Column("mark", sa.Text, nullable=False),  # begun, done, skipped, or nothing
    sa.Column("reason", sa.Text, nullable=False),  # why it is skipped
    sa.Column("exception", sa.Text, nullable=False),  # why a least distance was given up
    key=("process", "step"),
)
papers = table(
    "papers",
    sa.Column("id", sa.Text),
    sa.Column("process", sa.Text, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("kind", sa.Text),
    sa.Column("file", sa.Text, nullable=False),
)
sa.Index("papers_process", papers.c.municipality, papers.c.process)

_process = (processes.c.municipality == sa.bindparam("m")) & (processes.c.id == sa.bindparam("id"))
_step = (
    (steps.c.municipality == sa.bindparam("m"))
    & (steps.c.process == sa.bindparam("id"))
    & (steps.c.step == sa.bindparam("s"))
)
_START, _ATTACH = insert(processes), insert(papers)
_COUNT = sa.update(processes).where(_process).values(version=sa.bindparam("v"))
_ANCHOR = sa.update(processes).where(_process).values(anchor=sa.bindparam("a"))
_STOP = sa.update(processes).where(_process).values(stopped=sa.bindparam("r"))
_STEP = insert(steps).values(
    municipality=sa.bindparam("m"),
    process=sa.bindparam("id"),
    step=sa.bindparam("s"),
    day=sa.bindparam("d"),
    starts=sa.bindparam("f"),
    ends=sa.bindparam("t"),
    avoids=sa.bindparam("h"),
    mark="",
    reason="",
    exception="",
)
_MOVE = (
    sa.update(steps)
    .where(_step)
    .values(day=sa.bindparam("d"), starts=sa.bindparam("f"), ends=sa.bindparam("t"), avoids=sa.bindparam("h"))
)
_MARK = sa.update(steps).where(_step).values(mark=sa.bindparam("k"), reason=sa.bindparam("r"))
_EXCEPT = sa.update(steps).where(_step).values(exception=sa.bindparam("r"))


def project(recorded: Recorded) -> Iterable[Change]:
    key: dict[str, Any] = {"m": recorded.entry.municipality, "id": recorded.id}
    match recorded.event:
        case ProcessStarted() as started:
            yield _START, _started(recorded, started)
            for step, dated in started.dates.items():
                yield _STEP, key | {"s": step} | _when(dated)
            return
        case StepRescheduled(step=step, dated=dated, broken=gaps, reason=reason):
            yield _MOVE, key | {"s": step} | _when(dated)
            yield from _exceptions(key, gaps, reason)
        case AnchorMoved(anchor=anchor, dates=days, broken=gaps, reason=reason):
            yield _ANCHOR, key | {"a": anchor}
            yield from _moved(key, days)
            yield from _exceptions(key, gaps, reason)
        case StepBegun(step=step):
            yield _MARK, key | {"s": step, "k": "begun", "r": ""}
        case StepCompleted(step=step):
            yield _MARK, key | {"s": step, "k": "done", "r": ""}
        case StepSkipped(step=step, reason=reason):
            yield _MARK, key | {"s": step, "k": "skipped", "r": reason}
        case DocumentAttached(document_id=document, step=step, file=file, kind=kind):
            row = {"process": recorded.id, "step": step, "file": file, "kind": kind}
            yield _ATTACH, {"municipality": recorded.entry.municipality, "id": document, **row}
        case ProcessStopped(reason=reason):
            yield _STOP, key | {"r": reason}
        case _:
            return
    yield _COUNT, key | {"v": recorded.entry.version}


def _started(recorded: Recorded, event: ProcessStarted) -> dict[str, Any]:
    return {
        "municipality": recorded.entry.municipality,
        "id": recorded.id,
        "topic": event.topic,
        "template": to_builtins(event.template),
        "digest": event.digest,
        "land": event.land.value,
        "anchor": event.anchor,
        "goal": event.goal,
        "version": recorded.entry.version,
    }


def _when(dated: Dated) -> dict[str, Any]:
    return {"d": dated.day, "f": dated.starts, "t": dated.ends, "h": dated.avoids}


def _moved(key: dict[str, Any], days: Mapping[str, Dated]) -> Iterable[Change]:
    for step, dated in days.items():
        yield _MOVE, key | {"s": step} | _when(dated)


def _exceptions(key: dict[str, Any], gaps: Iterable[BrokenGap], reason: str) -> Iterable[Change]:
    for gap in gaps:
        yield _EXCEPT, key | {"s": gap.step, "r": reason}


PROCESSES = View("processes", 1, "log", (processes, steps, papers), project)
