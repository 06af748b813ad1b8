"""Every form of every page, found in the routes, with what somebody would type into it."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from deploy.services import NAMES
from tests.system.bodies import least

WITHOUT_RULE = {
    "/sign-in",
    "/sign-in/code",
    "/sign-out",
    "/account/name",
    "/account/enter",
    "/{municipality:str}/developers/token",
    "/{municipality:str}/api/planning/tickets",
    "/{municipality:str}/api/events/tickets",
    "/{municipality:str}/api/funding/check",
    *(f"/{{municipality:str}}/audit/{service}/cosignatures" for service in NAMES),
}
"""They end in no command: about oneself, for reading, or told by roles. Each has tests of its own."""

_MOMENT = {"day": "2027-04-09", "begins": "18:00", "ends": "20:00"}
_TYPED: dict[str, dict[str, str]] = {
    "AnnounceMeeting": _MOMENT
    | {"title": "Tisch", "format": "project_workshop", "mode": "on_site", "place": "Rathaus"}
    | {"project": ""},
    "MoveMeeting": _MOMENT | {"place": "Rathaus"},
    "StartProcess": {"template": "stadtgespraech", "topic": "Thema", "anchor": "2027-04-09"},
    "PlanAgenda": {"items": "Ankommen, 10"},
    "OpenPoll": {"question": "Wohin?", "answers": "Hier\nDort"},
    "OpenTable": {"name": "Tisch 1"},
    "FreezeRevision": {"revision_id": "0190a000-0000-7000-8000-000000000000", "name": "Fassung"},
    "StartApplication": {"applicant": "citizen"},
    "SetRules": {"title": "Richtlinie"},
}


def posts(deployment: Any) -> Iterator[tuple[str, str, Any, str]]:
    """Service, path, what its handler says of the rule, and the name of the handler, of every POST."""
    for service, app in deployment.app.services.items():
        for route in app.routes:
            for handler in getattr(route, "route_handlers", ()):
                if "POST" in handler.http_methods:
                    rule = handler.opt.get("rule") or handler.opt.get("commands")
                    yield service, route.path, rule, handler.fn.__name__


def forms(deployment: Any) -> Iterator[tuple[str, str, type]]:
    """Service, path and command of each form; a form for each action where a path takes several."""
    for service, path, rule, _ in posts(deployment):
        if "/api/" in path or rule is None:
            continue
        kinds = {"": rule} if isinstance(rule, type) else rule
        for action, kind in kinds.items():
            yield service, path.replace("{action:str}", action), kind if isinstance(kind, type) else kind[-1]


def typed(kind: type) -> dict[str, str]:
    """What a command takes at least, as a form's fields."""
    (schema,), components = msgspec.json.schema_components([kind], ref_template="#/components/schemas/{name}")
    smallest = least(schema, components)
    plain = {name: str(value) for name, value in smallest.items() if isinstance(value, str | int)}
    return plain | _TYPED.get(kind.__name__, {})


def segments(path: str) -> list[str]:
    return re.findall(r"\{(\w+):str\}", path)
