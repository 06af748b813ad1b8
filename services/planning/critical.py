"""When the project ends depends on some packages and not on others: the longest chain, and conflicts of dates."""

from datetime import date

from msgspec import Struct

from shared.contracts.plan import ScheduleLine


class Conflict(Struct, frozen=True, kw_only=True):
    """`line` begins `days` before `needs`, which it waits for, has ended."""

    line: str
    needs: str
    days: int


class Course(Struct, frozen=True, kw_only=True):
    """`critical`: lines whose delay delays the end; `slack`: days that a line may slip; `ring`: lines that wait for
    each other, which have neither."""

    critical: frozenset[str] = frozenset()
    slack: dict[str, int] = {}
    conflicts: tuple[Conflict, ...] = ()
    ring: frozenset[str] = frozenset()


def course(lines: list[ScheduleLine]) -> Course:
    """Follows the dependencies of dated lines (critical path method, with the dates as they are planned).

    A line may slip until the earliest start of those that wait for it, or until the end of the last line.
    """
    known = {line.id: line for line in lines}
    after = {line.id: [id for id in line.after if id in known and id != line.id] for line in lines}
    ordered = _ordered(after)
    last = max((date.fromisoformat(line.ends) for line in lines), default=date.min)
    latest: dict[str, date] = dict.fromkeys(ordered, last)
    for id in reversed(ordered):
        line = known[id]
        begins = latest[id].toordinal() - _length(line)
        for needed in after[id]:
            if needed in latest:
                # A milestone lies on the day on which the last of its packages ends, others begin the day after.
                until = date.fromordinal(max(begins - (0 if _length(line) == 0 else 1), 1))
                latest[needed] = min(latest[needed], until)
    slack = {id: max(0, (latest[id] - date.fromisoformat(known[id].ends)).days) for id in ordered}
    conflicts = tuple(
        Conflict(line=line.id, needs=needed, days=days)
        for line in lines
        for needed in after[line.id]
        if (days := _early(line, known[needed])) > 0
    )
    waited = {needed for needs in after.values() for needed in needs}
    critical = frozenset(id for id in ordered if not slack[id] and (after[id] or id in waited))
    return Course(critical=critical, slack=slack, conflicts=conflicts, ring=frozenset(known.keys() - set(ordered)))


def _length(line: ScheduleLine) -> int:
    """Days from the first to the last, 0 for a milestone."""
    return (date.fromisoformat(line.ends) - date.fromisoformat(line.starts)).days


def _early(line: ScheduleLine, needed: ScheduleLine) -> int:
    begins, ends = date.fromisoformat(line.starts), date.fromisoformat(needed.ends)
    return (ends - begins).days + (1 if _length(line) and _length(needed) else 0)


def _ordered(after: dict[str, list[str]]) -> list[str]:
    """Each after all that it waits for; those in a ring, and what waits for them, are left out."""
    done: list[str] = []
    ready, waiting = [id for id, needs in after.items() if not needs], {id: set(needs) for id, needs in after.items()}
    while ready:
        id = ready.pop(0)
        done.append(id)
        for other, needs in waiting.items():
            if id in needs:
                needs.discard(id)
                if not needs:
                    ready.append(other)
    return done
