"""What is said about a plan in its document: threads, and what changed between two states of the talk."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from shared.contracts.documents import PLAN_TABLES, Comment, Plan
from shared.plans import LETTERS, PARTS, Change, Part

TALK = "comments"
"""`Change.table` of a remark; its `row` is the remark's id, `line` and `label` are those of what it is about."""
_PARTS: dict[str, Part] = {root: PARTS[name] for name, (root, _) in PLAN_TABLES.items()}
_PARTS |= {part: part for part in PARTS.values()}


class Thread(Struct, frozen=True, kw_only=True):
    """A remark with its answers, oldest first. `part` and `line` (K7, or "") are what it is about."""

    first: Comment
    answers: tuple[Comment, ...] = ()
    part: Part
    line: str = ""
    row: str = ""

    @property
    def said(self) -> tuple[Comment, ...]:
        return (self.first, *self.answers)

    @property
    def open(self) -> bool:
        return self.first.state == "open"


def part_of(about: str) -> Part:
    """The part that a remark belongs to; what names none is about the whole, as the profile is."""
    return _PARTS.get(about.partition("/")[0], "profile")


def threads(comments: Sequence[Comment], plan: Plan, part: str = "") -> list[Thread]:
    """Remarks as threads, oldest first, of one part if wanted. A first remark whose text was withdrawn stands while
    it has answers; answers to what is gone are gone, too."""
    lines = {id: line for id, (line, _) in _rows(plan).items()}
    found = []
    for first in comments:
        if first.parent or part not in ("", part_of(first.about)):
            continue
        answers = tuple(each for each in _worded(comments) if each.parent == first.id)
        if not (answers or first.text.strip()):
            continue
        row = first.about.partition("/")[2]
        found.append(Thread(first=first, answers=answers, part=part_of(first.about), line=lines.get(row, ""), row=row))
    return found


def said(before: Sequence[Comment], after: Sequence[Comment], plan: Plan) -> Iterator[Change]:
    """What was said, withdrawn, settled and taken up again. `new` of what was said names who is mentioned in it."""
    before, after = _worded(before), _worded(after)
    old, new, rows = {each.id: each for each in before}, {each.id: each for each in after}, _rows(plan)
    for each in [*before, *after]:
        line, label = rows.get(each.about.partition("/")[2], ("", ""))
        place = {"part": part_of(each.about), "table": TALK, "row": each.id, "line": line, "label": label}
        if each.id not in new:
            yield Change(kind="removed", **place)  # type: ignore[arg-type]
        elif each.id not in old:
            yield Change(kind="added", field="mentions", old=each.parent, new=each.mentions, **place)  # type: ignore[arg-type]
        elif each is new[each.id] and each.state != (was := old[each.id].state):
            yield Change(kind="changed", field="state", old=was, new=each.state, **place)  # type: ignore[arg-type]


def _worded(comments: Sequence[Comment]) -> list[Comment]:
    """Without those whose text was withdrawn."""
    return [each for each in comments if each.text.strip()]


def _rows(plan: Plan) -> dict[str, tuple[str, str]]:
    """Id of a row → its printed number and its label."""
    return {
        row.id: (f"{LETTERS[table]}{number}", row.label)
        for table in PLAN_TABLES
        for number, row in enumerate(getattr(plan, table), 1)
    }
