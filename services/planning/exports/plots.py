"""The pictures of a plan for paper: the schedule as bars beside their lines, and the drawings of its pages."""

import re
from datetime import date
from html import unescape
from typing import Any

from markupsafe import Markup

from services.planning.critical import course
from services.planning.exports import labels
from shared.contracts.documents import Plan
from shared.contracts.plan import ScheduleLine
from shared.plans import schedule_plan
from shared.web.render import day

_STYLE = """text{font-family:'Fira Sans';font-size:14px;fill:#1a1f29}.t-soft{fill:#525a68}.t-end{text-anchor:end}
.t-mid{text-anchor:middle}.t-inv{fill:#fff}.t-bad,.t-warn{fill:#b3261e;font-weight:600}.d-line{stroke:#d9d2c6;fill:none}
.d-axis{stroke:#525a68;fill:none}.d-in{fill:#2f9c95}.d-out{fill:#f0a860}.d-run{fill:none;stroke:#1a1f29;stroke-width:2.5}
.d-dot{fill:#fff;stroke:#1a1f29;stroke-width:2}.d-dot--bad{fill:#b3261e}.d-c1{fill:#00566b}.d-c2{fill:#2d7486}
.d-c3{fill:#7fa9b4}.d-c4{fill:#b3cbd2}.d-gap{fill:#fff;stroke:#b3261e;stroke-width:2;stroke-dasharray:5 4}"""
_LABELLED = 8  # months that can be named beside each other


def picture(drawn: Markup) -> dict[str, str] | None:
    """The wide cut of a drawing as an SVG of its own, and what it says to those who do not see it; None for none."""
    wide = re.match(
        r'<svg class="[^"]*" viewBox="([^"]+)" role="img" aria-label="([^"]*)"[^>]*>(.*?)</svg>', drawn, re.S
    )
    if wide is None:
        return None
    style = f"<style>{_STYLE}</style>"
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{wide[1]}">{style}{wide[3]}</svg>'
    return {"svg": svg, "alt": unescape(wide[2])}


def schedule(plan: Plan) -> dict[str, Any] | None:
    """Dated packages and milestones by their beginning, each with its place between the first and the last month.

    Places are shares of the width. None while nothing has a date.
    """
    planned = schedule_plan(plan)
    if planned is None or not planned.lines:
        return None
    lines = sorted(planned.lines, key=lambda line: (line.starts, line.ends, line.id))
    way, names = course(lines), labels.numbers(plan)
    first = _month(min([planned.starts, *(line.starts for line in lines)]), 0)
    last = _month(max([planned.ends, *(line.ends for line in lines)]), 1)
    early = {conflict.line: conflict.days for conflict in way.conflicts}
    rows = [_row(line, first, last, names, line.id in way.critical, early.get(line.id, 0)) for line in lines]
    return {"months": _months(first, last), "rows": rows, "critical": bool(way.critical)}


def _row(
    line: ScheduleLine, first: date, last: date, names: dict[str, str], critical: bool, early: int
) -> dict[str, Any]:
    after = ", ".join(names[id] for id in line.after if id in names)
    notes = [f"nach {after}" if after else "", "kritischer Pfad" if critical else ""]
    notes.append(f"beginnt {early} {'Tag' if early == 1 else 'Tage'} zu früh" if early else "")
    whole = (last - first).days
    left = (date.fromisoformat(line.starts) - first).days / whole
    return {
        "number": names.get(line.id, ""),
        "label": line.label,
        "when": labels.dates(line.starts, line.ends),
        "note": ", ".join(filter(None, notes)),
        "left": left,
        "width": ((date.fromisoformat(line.ends) - first).days + 1) / whole - left,
        "milestone": names.get(line.id, "").startswith("M"),
        "critical": critical,
    }


def _month(iso: str, later: int) -> date:
    months = int(iso[:4]) * 12 + int(iso[5:7]) - 1 + later
    return date(months // 12, months % 12 + 1, 1)


def _months(first: date, last: date) -> list[dict[str, Any]]:
    """Where months begin, named as far as there is room."""
    count = (last.year - first.year) * 12 + last.month - first.month
    every = -(-count // _LABELLED)
    found = []
    for at in range(0, count, every):
        begins = _month(first.isoformat(), at)
        words = day(begins, "LLL") if begins.month > every and at else day(begins, "LLL yy")
        left = (begins - first).days / (last - first).days
        if left < 0.92:  # else there is no room for its name
            found.append({"label": words, "left": left})
    return found
