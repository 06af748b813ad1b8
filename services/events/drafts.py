"""What people send, completed into commands: the template's content, the town's Land, moments for local times."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from typing import Annotated, Any, TypeAlias
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct, to_builtins

from services.events.adapters.shipped import shipped
from services.events.domain.announcement import AnnounceMeeting, MoveMeeting
from services.events.domain.holidays import Land
from services.events.domain.process import StartProcess
from services.events.domain.template import Key, Words
from shared.message import Command
from shared.municipalities import Municipality
from shared.web.forms import Fault, Invalid, from_form

BERLIN = ZoneInfo("Europe/Berlin")
SECTIONS = {"site": "hall", "screen": "screen"}
_WAYS = {"on_site": ("site",), "online": ("screen",), "hybrid": ("site", "screen")}


class Start(Struct, frozen=True, kw_only=True):
    """A process from a shipped template; the town's Land says which holidays count."""

    template: Key
    topic: Words
    anchor: date
    goal: str | None = None


def start_of(town: Municipality, start: Start) -> StartProcess:
    """The command with the template's content in it. Raises `Invalid` for a template that is not there."""
    template = shipped().get(start.template)
    if template is None:
        raise Invalid({"template": Fault("not_a_choice")})
    return StartProcess(
        template=template, topic=start.topic, land=Land(town.land), anchor=start.anchor, goal=start.goal
    )


def starting(town: Municipality) -> Callable[[dict[str, str]], Mapping[str, Any]]:
    """From a form that names the template. Raises `Invalid`."""
    return lambda typed: to_builtins(start_of(town, from_form(Start, typed)))


_Clock: TypeAlias = Annotated[str, Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class _When(Struct, frozen=True, kw_only=True):
    day: date
    begins: _Clock
    ends: _Clock


def announcing(typed: Mapping[str, str]) -> Mapping[str, Any]:
    """From a form: a day with two times of day, and how many places the hall has. Raises `Invalid` with all faults."""
    sections = [_section(way, typed) for way in _WAYS.get(typed.get("mode", ""), ("site",))]
    return _dated(AnnounceMeeting, typed, {"sections": sections})


def moving(typed: Mapping[str, str]) -> Mapping[str, Any]:
    """From a form: a day with two times of day. Raises `Invalid` with all faults."""
    return _dated(MoveMeeting, typed, {})


def _dated(kind: type[Command], typed: Mapping[str, str], more: Mapping[str, Any]) -> Mapping[str, Any]:
    faults: dict[str, Fault] = {}
    filled: dict[str, Any] = {**typed, **more}
    try:
        when = from_form(_When, typed)
        filled["starts"], filled["ends"] = _moment(when.day, when.begins), _moment(when.day, when.ends)
    except Invalid as error:
        faults |= error.faults
        filled["starts"] = filled["ends"] = datetime(2000, 1, 1, tzinfo=UTC).isoformat()
    try:
        from_form(kind, filled)
    except Invalid as error:
        faults |= {"capacity" if name == "sections" else name: fault for name, fault in error.faults.items()}
    if faults:
        raise Invalid(faults)
    return filled


def _section(way: str, typed: Mapping[str, str]) -> dict[str, Any]:
    capacity = typed.get("capacity", "").strip() if way == "site" else ""
    return {"key": SECTIONS[way], "way": way, "capacity": capacity or None}


def _moment(day: date, at: str) -> str:
    """A time of day in Germany as UTC."""
    return datetime.combine(day, time.fromisoformat(at), BERLIN).astimezone(UTC).isoformat()
