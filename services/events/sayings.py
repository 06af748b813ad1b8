"""What is typed into the forms of a live session, put together into commands."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from services.events.session_screens import AgendaLine
from shared.ids import following, new_id

_LINE = re.compile(r"(?P<title>.*?)[\s,;:–-]+(?P<minutes>\d{1,3})\s*(?:min\w*\.?)?\s*", re.I)
_MINUTES = 10  # where a line says none

Compose = Callable[[dict[str, str]], Mapping[str, Any]]


def planned(meeting: str, known: tuple[AgendaLine, ...]) -> Compose:
    """An item a line, with minutes at its end; an item keeps its id as long as its title stays."""
    ids = {line.title: line.item_id for line in known}

    def compose(typed: dict[str, str]) -> Mapping[str, Any]:
        items: list[dict[str, Any]] = []
        for line in filter(None, map(str.strip, typed.get("items", "").splitlines())):
            found = _LINE.fullmatch(line)
            title = found["title"] if found and found["title"] else line
            minutes = int(found["minutes"]) if found and found["title"] else _MINUTES
            id = ids.get(title) or following(f"agenda/{meeting}", f"{len(items)}/{title}")
            items.append({"item_id": id, "title": title, "minutes": minutes})
        return typed | {"items": items}

    return compose


def question(meeting: str) -> Compose:
    """An answer a line."""

    def compose(typed: dict[str, str]) -> Mapping[str, Any]:
        lines = filter(None, map(str.strip, typed.get("answers", "").splitlines()))
        options = [{"option_id": str(number), "text": text} for number, text in enumerate(lines, 1)]
        return typed | {"meeting": meeting, "options": options}

    return compose


def wish(way: str) -> Compose:
    """A wish to speak has the id of the form that it was sent with, so that it counts once."""
    return lambda typed: typed | {"ask_id": named(typed, "ask"), "way": way}


def vote(meeting: str, way: str) -> Compose:
    return lambda typed: typed | {"meeting": meeting, "way": way}


def filled(**fields: str) -> Compose:
    """What the address says already."""
    return lambda typed: typed | fields


def named(typed: Mapping[str, str], what: str) -> str:
    """The id of what a form adds: the same when the form is sent again."""
    return following(typed.get("command_id") or new_id(), what)
