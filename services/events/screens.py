"""What the pages of events show: plain values, gathered from the views, with everything already worked out."""

from datetime import date, datetime

from msgspec import Struct

from services.events.domain.announcement import Mode, Way
from services.events.domain.meeting import Stage
from services.events.domain.template import Format
from services.events.outline import DrawnStep


class Coming(Struct, frozen=True, kw_only=True):
    """A meeting in the calendar. `free`: places left, None where nobody counts; `began`: when it really did."""

    id: str
    title: str
    format: Format
    mode: Mode
    starts: datetime
    ends: datetime
    place: str
    stage: Stage
    free: int | None = None
    began: datetime | None = None


class Course(Struct, frozen=True, kw_only=True):
    """A process in the calendar: where it stands and what comes next."""

    id: str
    topic: str
    template: str
    anchor: date
    done: int
    total: int
    next_title: str = ""
    next_day: date | None = None
    gaps_broken: int = 0


class Quarter(Struct, frozen=True, kw_only=True):
    """A quarter of the year plan with the processes whose anchor lies in it."""

    name: str
    courses: tuple[Course, ...]


class Remedy(Struct, frozen=True, kw_only=True):
    """One way to mend a broken gap: move this step, or the anchor, to that day."""

    step: str
    title: str
    day: date
    moves_anchor: bool


class Broken(Struct, frozen=True, kw_only=True):
    """A gap too short, in words of the page; `reason` is the one given for the exception."""

    step: str
    to: str
    step_day: date
    required: str
    actual: str
    before: bool
    reason: str = ""
    remedies: tuple[Remedy, ...] = ()


class Paper(Struct, frozen=True, kw_only=True):
    """A document that a step owes or has. `file` is its digest once it lies there."""

    title: str
    due: date | None = None
    file: str = ""
    late: bool = False


class ListedStep(Struct, frozen=True, kw_only=True):
    """A row of the steps below the picture."""

    drawn: DrawnStep
    week: str
    papers: tuple[Paper, ...] = ()
    meeting: Coming | None = None
    optional: bool = False
    reason: str = ""


class Part(Struct, frozen=True, kw_only=True):
    """Places of one kind for the registration form. `free` is None where nobody counts."""

    key: str
    way: Way
    capacity: int | None
    free: int | None
    waiting: int = 0
