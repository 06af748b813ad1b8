"""Draws the schedule as a Gantt chart in two cuts, so that nothing scrolls sideways; the page lists the same beside."""

from collections.abc import Iterator, Mapping
from datetime import date

from markupsafe import Markup
from msgspec import Struct

from services.planning.critical import Course, course
from services.planning.remedies import Clash, clashes
from shared.contracts.plan import ScheduleLine, SchedulePlan
from shared.web.render import day, initials
from shared.web.svg import circle, drawing, group, path, rect, text

_MOST = 60  # lines
_FACES = 3  # in one bar

Owners = Mapping[str, tuple[tuple[str, int], ...]]
"""Who takes care of a line: names with their colours; a package that is not there waits for somebody."""


class Gantt(Struct, frozen=True, kw_only=True):
    """`conflicts` in words; `title` names the months; `past` and `now`: whether something lies before today, and
    whether today is in the picture."""

    svg: Markup
    title: str
    conflicts: tuple[Clash, ...] = ()
    past: bool = False
    now: bool = False


class Cut(Struct, frozen=True, kw_only=True):
    """`left`: where the time begins; `columns`: names in a column, otherwise above each bar."""

    css: str
    width: float
    left: float
    row: float
    bar: float
    columns: bool


_WIDE = Cut(css="gw-desk", width=1160, left=300, row=42, bar=22, columns=True)
_PHONE = Cut(css="gw-phone", width=334, left=0, row=52, bar=20, columns=False)
_YEAR = 38  # px that the number of a year takes


def gantt(
    schedule: SchedulePlan, numbers: dict[str, str], today: date | None = None, owners: Owners | None = None
) -> Gantt:
    """The chart of a schedule; `numbers` are the printed names of its lines (A1, M2). No `owners`, no faces."""
    lines = sorted(schedule.lines, key=lambda line: (line.starts, line.ends, line.id))[:_MOST]
    way = course(lines)
    first = _month(min([schedule.starts, *(line.starts for line in lines)]))
    last = _month(max([schedule.ends, *(line.ends for line in lines)]), 1)
    title = f"{day(first, 'LLLL y')} bis {day(date.fromordinal(last.toordinal() - 1), 'LLLL y')}"
    svg = Markup("").join(
        _Chart(lines, way, numbers, first, last, today, title, owners, cut).drawing() for cut in (_WIDE, _PHONE)
    )
    past = any(line.starts < today.isoformat() and line.starts != line.ends for line in lines) if today else False
    now = bool(today and first <= today < last)
    return Gantt(svg=svg, title=title, conflicts=clashes(lines, way, numbers), past=past, now=now)


def _month(iso: str, later: int = 0) -> date:
    months = int(iso[:4]) * 12 + int(iso[5:7]) - 1 + later
    return date(months // 12, months % 12 + 1, 1)


class _Chart:
    def __init__(
        self,
        lines: list[ScheduleLine],
        way: Course,
        numbers: dict[str, str],
        first: date,
        last: date,
        today: date | None,
        title: str,
        owners: Owners | None,
        cut: Cut,
    ) -> None:
        self.lines, self.way, self.numbers, self.cut = lines, way, numbers, cut
        self.first, self.last, self.today, self.title, self.owners = first, last, today, title, owners or {}
        self.early = {each.line: each.days for each in sorted(way.conflicts, key=lambda each: each.days)}
        self.bottom = 46 + cut.row * len(lines) + 8
        self.rows = {line.id: at for at, line in enumerate(lines)}

    def x(self, iso: str | date, after: int = 0) -> float:
        moment = date.fromisoformat(iso) if isinstance(iso, str) else iso
        share = (moment.toordinal() + after - self.first.toordinal()) / (self.last - self.first).days
        return self.cut.left + share * (self.cut.width - self.cut.left)

    def middle(self, line: ScheduleLine) -> float:
        top = 46 + self.cut.row * self.rows[line.id]
        return top + (self.cut.row / 2 if self.cut.columns else self.cut.row - self.cut.bar / 2 - 6)

    def drawing(self) -> Markup:
        parts = [*self._months(), *self._names(), *self._now()]
        for line in self.lines:
            parts.append(group(self._line(line), line=line.id, starts=line.starts, ends=line.ends))
        if self.cut.columns:
            parts += [*self._arrows(), *self._faces()]
        label = f"Zeitplan von {self.title}, dieselben Angaben stehen in der Liste darunter"
        days, wide = (self.last - self.first).days, self.cut.width - self.cut.left
        return drawing(self.cut.css, self.cut.width, self.bottom, label, parts, day=f"{wide / days:.4f}")

    def _months(self) -> Iterator[Markup]:
        month, number = self.first, 0
        count = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month
        while month < self.last:
            after = _month(month.isoformat(), 1)
            left, wide = self.x(month), self.x(after) - self.x(month)
            if number % 2:
                yield rect("d-band", left, 26, wide, self.bottom - 26)
            if month.month == 1 or (number == 0 and self.x(_month(f"{month.year + 1}-01-01")) - left > _YEAR):
                end = left + _YEAR > self.cut.width
                yield text("t-bold t-end" if end else "t-bold", self.cut.width if end else left, 18, str(month.year))
            form = "LLL" if wide > 26 else "LLLLL"
            if count <= 24 or number % 3 == 0:
                yield text("t-soft t-mid", left + wide / 2, 40, day(month, form))
            month, number = after, number + 1

    def _names(self) -> Iterator[Markup]:
        for line in self.lines:
            top = 46 + self.cut.row * self.rows[line.id]
            number, room = self.numbers.get(line.id, ""), 37 if self.cut.columns else 42
            name = line.label if len(line.label) <= room else line.label[: room - 1] + "…"
            y = top + (self.cut.row / 2 + 5 if self.cut.columns else 17)
            yield text("t-soft", 0, y, number)
            yield text("", 40, y, name)
            yield path("d-line", f"M0 {top + self.cut.row:.1f}H{self.cut.width:g}")

    def _now(self) -> Iterator[Markup]:
        if self.today and self.first <= self.today < self.last:
            yield path("d-today", f"M{self.x(self.today):.1f} 26V{self.bottom:.1f}")

    def _line(self, line: ScheduleLine) -> Iterator[Markup]:
        y = self.middle(line)
        if line.starts == line.ends:
            yield from self._mile(line, self.x(line.starts), y)
            return
        left, right_x = self.x(line.starts), self.x(line.ends, 1)
        early = self.early.get(line.id, 0)
        if early:
            wide = min(self.x(line.starts, early), right_x) - left
            yield rect("d-badband", left, y - self.cut.bar / 2 - 4, max(wide, 3), self.cut.bar + 8, 3)
        css = "d-crit" if line.id in self.way.critical else "d-plan"
        yield rect(css, left, y - self.cut.bar / 2, max(right_x - left, 3), self.cut.bar, 5)
        if self.today and line.starts < self.today.isoformat():
            gone = min(self.x(self.today), right_x) - left
            yield rect("d-done", left, y - self.cut.bar / 2, max(gone, 3), self.cut.bar, 3)
        if early:
            yield self._beside("t-bad", f"{early} {'Tag' if early == 1 else 'Tage'} zu früh", left, right_x, y)
        elif self.cut.columns and self.owners.get(line.id) == ():
            yield self._beside("t-warn", "wer übernimmt?", left, right_x, y)

    def _mile(self, line: ScheduleLine, x: float, y: float) -> Iterator[Markup]:
        css = "d-mile d-mile--bad" if line.id in self.early else "d-mile"
        yield path(css, f"M{x:.1f} {y - 9:.1f}l9 9l-9 9l-9-9Z")
        end = x > self.cut.width - 80
        yield text("t-soft t-end" if end else "t-soft", x + (-16 if end else 16), y + 5, day(line.starts, "d. LLL"))

    def _beside(self, css: str, words: str, left: float, right: float, y: float) -> Markup:
        """Before the bar where there is room, else behind it."""
        if left - self.cut.left > 8 * len(words):
            return text(f"{css} t-end", left - 10, y + 5, words)
        return text(css, right + 10, y + 5, words)

    def _faces(self) -> Iterator[Markup]:
        """At the end of each bar, as many as it has room for."""
        for line in self.lines:
            right, y = self.x(line.ends, 1), self.middle(line)
            room = int((right - self.x(line.starts)) // 28)
            for place, (name, hue) in enumerate(self.owners.get(line.id, ())[: min(_FACES, room)]):
                x = right - 14 - 28 * place
                face = circle("d-face", x, y, 12) + text("d-facetext", x, y + 4, initials(name))
                yield Markup('<g class="gw-who gw-who--{}" aria-hidden="true" data-end="{}">{}</g>').format(
                    hue, line.id, face
                )

    def _arrows(self) -> Iterator[Markup]:
        """From the end of what is needed to the beginning of what waits for it."""
        for line in self.lines:
            for needed in line.after:
                if needed not in self.rows or needed == line.id:
                    continue
                other = self.lines[self.rows[needed]]
                bad = any(each.line == line.id and each.needs == needed for each in self.way.conflicts)
                x1, y1 = self.x(other.ends, 1), self.middle(other)
                down = 1 if self.rows[line.id] > self.rows[needed] else -1
                x2, y2 = self.x(line.starts) + 7, self.middle(line) - down * (self.cut.bar / 2 + 8)
                mend = " d-dep--bad" if bad else ""
                turn = y1 + down * self.cut.row / 2
                yield path(f"d-dep{mend}", f"M{x1:.1f} {y1:.1f}h6V{turn:.1f}H{x2:.1f}V{y2:.1f}")
                yield path(f"d-head{' d-head--bad' if bad else ''}", f"M{x2 - 4.5:.1f} {y2:.1f}h9l-4.5 {down * 7}Z")
