"""A process over its weeks as SVG, in two cuts so that nothing scrolls sideways; the page lists the same beside it."""

from collections.abc import Sequence
from datetime import date, timedelta

from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import replace

from services.events.outline import Break, DrawnGap, DrawnStep
from services.events.weeks import in_weeks, short_date, signed
from shared.web.svg import path, rect, text


class Wording(Struct, frozen=True, kw_only=True):
    """The words in the pictures."""

    locale: str = "de"
    weeks_to: str = "Woche 0: {anchor}"
    today: str = "heute"
    too_short: str = "{actual} statt {required} Wochen"
    kept: str = "{weeks} Wochen vorher"
    label: str = "Zeitstrahl von Woche {first} bis {last}, dieselben Angaben stehen in der Liste darunter"


GERMAN = Wording()
ENGLISH = Wording(
    locale="en",
    weeks_to="Week 0: {anchor}",
    today="today",
    too_short="{actual} instead of {required} weeks",
    kept="{weeks} weeks before",
    label="Timeline from week {first} to {last}, the list below says the same",
)


class Cut(Struct, frozen=True, kw_only=True):
    """The measures of one cut in SVG units. `left`, `right`: x of the first and last week."""

    css: str
    width: float
    left: float
    right: float
    head: float
    row: float
    bar: float
    bar_top: float  # from the top of a row
    columns: bool  # labels in a column at the left; otherwise above each bar


WIDE = Cut(css="gw-desk", width=1160, left=273, right=1137, head=64.5, row=44, bar=22, bar_top=10.5, columns=True)
PHONE = Cut(css="gw-phone", width=334, left=12.4, right=325.6, head=60.5, row=54, bar=18, bar_top=26.5, columns=False)


_LETTER = 7.4  # units that a letter of the labels takes
_VISIBLE = 4  # units; narrower breaks are left out


def timeline(
    steps: Sequence[DrawnStep], today: date | None = None, breaks: Sequence[Break] = (), words: Wording = GERMAN
) -> Markup:
    """The steps over the weeks around their anchor, once for wide pages and once for phones."""
    return Markup("").join(_Timeline(steps, today, breaks, words, cut).drawing() for cut in (WIDE, PHONE))


class _Timeline:
    def __init__(
        self, steps: Sequence[DrawnStep], today: date | None, breaks: Sequence[Break], words: Wording, cut: Cut
    ) -> None:
        self.steps, self.today, self.breaks, self.words = steps, today, breaks, words
        self.cut, self.letters = _fitting(cut, max(len(step.title) for step in steps))
        self.anchor = next((step for step in steps if step.is_anchor), steps[0])
        self.first = min((step.starts - self.anchor.day).days for step in steps) // 7
        self.last = max(-((self.anchor.day - step.ends).days // 7) for step in steps)
        self.last = max(self.last, self.first + 1)
        self.bottom = self.cut.head + cut.row * len(steps) + 5.5

    def x(self, day: date) -> float:
        weeks = (day - self.anchor.day).days / 7
        return self.cut.left + (self.cut.right - self.cut.left) * (weeks - self.first) / (self.last - self.first)

    def top(self, row: int) -> float:
        return self.cut.head + self.cut.row * row

    def drawing(self) -> Markup:
        label = self.words.label.format(first=signed(self.first), last=signed(self.last))
        parts = [*self._breaks(), *self._weeks(), *self._labels(), *self._today()]
        for row, step in enumerate(self.steps):
            parts += self._step(row, step)
        return Markup('<svg class="gw-draw {}" viewBox="0 0 {:g} {:g}" role="img" aria-label="{}">{}</svg>').format(
            self.cut.css, self.cut.width, self.bottom + 18, label, Markup("").join(parts)
        )

    def _breaks(self) -> list[Markup]:
        found, free_from = [], 0.0
        for each in sorted(self.breaks, key=lambda each: each.starts):
            left, right = (
                min(max(self.x(day), self.cut.left), self.cut.right)
                for day in (each.starts, each.ends + timedelta(days=1))
            )
            if right - left < _VISIBLE:
                continue
            found.append(rect("d-hol", left, self.cut.head - 14.5, right - left, self.bottom - self.cut.head + 14.5))
            half = 4 * len(each.name)
            if (left + right) / 2 - half >= free_from and self.cut.columns | (right - left > 20):
                found.append(text("t-soft t-mid", (left + right) / 2, 22 if self.cut.columns else 18, each.name))
                free_from = (left + right) / 2 + half
        return found

    def _weeks(self) -> list[Markup]:
        """A line for every so many weeks that they do not crowd, and dates where a step stands."""
        cut, found = self.cut, []
        y = cut.head - 22.5
        room = 40 if cut.columns else 14
        every = _even((self.last - self.first) * room / (cut.right - cut.left))
        for week in range(self.first, self.last + 1):
            if week % every:
                continue
            x = self.x(self.anchor.day + timedelta(weeks=week))
            found.append(path("d-line", f"M{x:.1f} {y + 8:g}V{self.bottom:g}"))
            if cut.columns or not week % (2 * every):
                found.append(text("t-mid t-bold" if week == 0 else "t-mid t-soft", x, y, signed(week)))
        if cut.columns:
            found += self._dates(y - 20)
            found.append(text("t-soft", 0, y, _fit(self.words.weeks_to.format(anchor=self.anchor.title), self.letters)))
        return found

    def _dates(self, y: float) -> list[Markup]:
        """The anchor's date first, then the others from the left where there is room."""
        named = [each for each in self.breaks if each.name]
        taken = [(self.x(each.starts) + self.x(each.ends + timedelta(days=1))) / 2 for each in named]
        found = []
        for day in [self.anchor.day, *sorted({step.day for step in self.steps})]:
            x = self.x(day)
            if all(abs(x - other) >= 66 for other in taken):
                taken.append(x)
                found.append(text("t-soft t-mid", x, y, short_date(day, self.words.locale)))
        return found

    def _labels(self) -> list[Markup]:
        found = []
        for row, step in enumerate(self.steps):
            top = self.top(row)
            found.append(path("d-line", f"M0 {top + self.cut.row:g}H{self.cut.width:g}"))
            if self.cut.columns:
                y = top + 26.5
                found += [text("t-soft", 0, y, step.number), text("", 34, y, _fit(step.title, self.letters))]
            else:
                number = Markup('<tspan class="t-soft">{}</tspan>  ').format(step.number) if step.number else Markup("")
                found.append(
                    Markup('<text x="0" y="{:g}">{}{}</text>').format(
                        top + 17.5, number, _fit(step.title, self.letters)
                    )
                )
        return found

    def _today(self) -> list[Markup]:
        if self.today is None or not self.cut.left <= (x := self.x(self.today)) <= self.cut.right:
            return []
        if self.cut.columns:
            line = path("d-today", f"M{x:.1f} {self.cut.head - 14.5:g}V{self.bottom:g}")
            return [line, text("t-bad t-mid", x, self.bottom + 14, self.words.today)]
        rows = range(len(self.steps))
        return [path("d-today", f"M{x:.1f} {self.top(row) + 23.5:g}v24") for row in rows]

    def _step(self, row: int, step: DrawnStep) -> list[Markup]:
        top = self.top(row) + self.cut.bar_top
        found = self._gaps(top, step)
        if step.starts == step.ends:
            return [*found, *self._point(top + self.cut.bar / 2, step)]
        left, right = self.x(step.starts), self.x(step.ends)
        css = {"done": "d-done", "running": "d-crit", "optional": "d-opt", "skipped": "d-opt"}.get(step.state, "d-plan")
        found.append(rect(css, left, top, right - left, self.cut.bar, 5))
        if step.state == "running" and self.today and step.starts < self.today:
            until = min(self.x(self.today), right)
            found.append(rect("d-done", left, top, until - left, self.cut.bar, 3))
        return found

    def _point(self, middle: float, step: DrawnStep) -> list[Markup]:
        x, half = self.x(step.day), 10.0 if step.is_anchor else 8.5
        css = " d-mile--anchor" if step.is_anchor else " d-mile--bad" if step.broken else ""
        if step.state in ("optional", "skipped"):
            return [rect("d-opt", x - half, middle - self.cut.bar / 2, 2 * half, self.cut.bar, 5)]
        corners = f"M{x:.1f} {middle - half:g}l{half:g} {half:g}l{-half:g} {half:g}l{-half:g} {-half:g}Z"
        found = [path(f"d-mile{css}", corners)]
        if self.cut.columns and not step.broken:
            before = x > 0.85 * self.cut.width
            css = "t-bold" if step.is_anchor else "t-soft"
            place = x - 16 if before else x + 18
            label = short_date(step.day, self.words.locale)
            found.append(text(f"{css} t-end" if before else css, place, middle + 5, label))
        return found

    def _gaps(self, top: float, step: DrawnStep) -> list[Markup]:
        if step.broken:
            return self._broken(top, step.broken, self.x(step.day))
        if not (step.shows_kept_gap and step.gaps and step.gaps[0].day >= step.ends):
            return []
        ends = sorted((self.x(step.starts), self.x(step.gaps[0].day)))
        y = top + self.cut.bar + 5
        found = [path("d-goodline", "M{0:.1f} {2:g}H{1:.1f}M{0:.1f} {3:g}v8M{1:.1f} {3:g}v8".format(*ends, y, y - 4))]
        if self.cut.columns:
            label = self.words.kept.format(weeks=step.gaps[0].required // 7)
            found.append(text("t-ok t-end", ends[0] - 8, top + 16, label))
        return found

    def _broken(self, top: float, gap: DrawnGap, x: float) -> list[Markup]:
        left, right = sorted((x, self.x(gap.day)))
        band = rect("d-badband", left, top - 3, max(right - left, 2), self.cut.bar + 6, 3)
        actual, required = (in_weeks(days, self.words.locale) for days in (gap.actual, gap.required))
        label = self.words.too_short.format(actual=actual, required=required)
        middle = top + self.cut.bar / 2 + 5
        if right - left > 8 * len(label) + 24:
            return [band, text("t-bad t-mid", (left + right) / 2 + 8.5, middle, label)]
        if left > 8 * len(label):
            return [band, text("t-bad t-end", left - 12, middle, label)]
        return [band, text("t-bad", right + 12, middle, label)]


def _even(least: float) -> int:
    """The smallest pleasant number of weeks between two lines."""
    return next((weeks for weeks in (1, 2, 4, 8, 13, 26, 52) if weeks >= least), 104)


def _fitting(cut: Cut, letters: int) -> tuple[Cut, int]:
    """The cut with a label column for the longest title, as far as that leaves room; and how many letters fit."""
    if not cut.columns:
        return cut, int(cut.width / _LETTER)
    left = min(max(cut.left, 34 + letters * _LETTER + 14), 0.4 * cut.width)
    return replace(cut, left=left), int((left - 48) / _LETTER)


def _fit(text: str, letters: int) -> str:
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"
