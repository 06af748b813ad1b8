"""What is wrong with the dates of a schedule, in words, and the two ways out of it: begin later, or end sooner."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from services.planning.critical import Conflict, Course, course
from shared.contracts.plan import ScheduleLine
from shared.web.render import day


class Remedy(Struct, frozen=True, kw_only=True):
    """`line` begins (all of it moves) or ends on `to`, an ISO day; `words` are for the button."""

    line: str
    what: Literal["begin", "end"]
    to: str
    words: str


class Clash(Struct, frozen=True, kw_only=True):
    """Dates that cannot hold together; `line` is "" where several wait for each other."""

    line: str
    title: str
    words: str
    remedies: tuple[Remedy, ...] = ()


def clashes(lines: Sequence[ScheduleLine], way: Course, numbers: Mapping[str, str]) -> tuple[Clash, ...]:
    """One for each line that begins too early, by the one that it waits for the longest, and one for all rings."""
    found = _Schedule(lines, way, numbers)
    rings = sorted(numbers.get(id, id) for id in way.ring)
    ring = Clash(
        line="",
        title=f"{', '.join(rings)} warten aufeinander im Kreis",
        words="So kann keines davon beginnen. Nehmt bei einem von ihnen unter „Nach“ die Nummer heraus.",
    )
    return (*(found.clash(each) for each in found.worst()), *([ring] if rings else []))


class _Schedule:
    def __init__(self, lines: Sequence[ScheduleLine], way: Course, numbers: Mapping[str, str]) -> None:
        self.lines, self.way, self.numbers = {line.id: line for line in lines}, way, numbers

    def worst(self) -> Iterator[Conflict]:
        for id in self.lines:
            own = [each for each in self.way.conflicts if each.line == id]
            if own:
                yield max(own, key=lambda each: each.days)

    def clash(self, conflict: Conflict) -> Clash:
        line, needed = self.lines[conflict.line], self.lines[conflict.needs]
        mile, number = line.starts == line.ends, self.number(line)
        many = "1 Tag" if conflict.days == 1 else f"{conflict.days} Tage"
        begins, until = day(line.starts, "dd.MM.y"), day(needed.ends, "dd.MM.y")
        starts = f"ist am {begins}" if mile else f"beginnt am {begins}"
        later = _later(line, conflict.days)
        words = f"{self.name(line)} {starts}, braucht aber {self.name(needed)} (bis {until})."
        return Clash(
            line=line.id,
            title=f"{number} {'liegt' if mile else 'beginnt'} {many} zu früh",
            words=" ".join([words, *self.then(later)]),
            remedies=tuple(self.remedies(later, needed, conflict.days)),
        )

    def remedies(self, later: ScheduleLine, needed: ScheduleLine, days: int) -> Iterator[Remedy]:
        to = later.starts
        words = f"{self.number(later)} auf {day(to, 'dd.MM.')} verschieben"
        yield Remedy(line=later.id, what="begin", to=to, words=words)
        ends = _day(needed.ends, -days)
        if ends >= needed.starts and needed.starts != needed.ends:
            words = f"{self.number(needed)} bis {day(ends, 'dd.MM.')} kürzen"
            yield Remedy(line=needed.id, what="end", to=ends, words=words)

    def then(self, later: ScheduleLine) -> Iterator[str]:
        """What it would mean for the next one in the chain if the line was moved."""
        again = course([later if id == later.id else line for id, line in self.lines.items()])
        waiting = [line for line in self.lines.values() if later.id in line.after and line.id != later.id]
        if not waiting:
            return
        after = min(waiting, key=lambda line: (line.starts, line.id))
        begin = f"Wird {self.number(later)} verschoben"
        broken = next((each for each in again.conflicts if each.needs == later.id), None)
        if broken:
            yield f"{begin}, kommt danach {self.name(self.lines[broken.line])} zu früh."
            return
        days = (date.fromisoformat(after.starts) - date.fromisoformat(later.ends)).days
        days -= 0 if after.starts == after.ends or later.starts == later.ends else 1
        left = "bleibt kein Tag" if not days else "bleibt ein Tag" if days == 1 else f"bleiben {days} Tage"
        yield f"{begin}, {left} Puffer bis {self.name(after)}."

    def number(self, line: ScheduleLine) -> str:
        return self.numbers.get(line.id, line.label)

    def name(self, line: ScheduleLine) -> str:
        return f"„{line.label}“" if line.label else self.number(line)


def _later(line: ScheduleLine, days: int) -> ScheduleLine:
    return replace(line, starts=_day(line.starts, days), ends=_day(line.ends, days))


def _day(iso: str, days: int) -> str:
    return (date.fromisoformat(iso) + timedelta(days=days)).isoformat()
