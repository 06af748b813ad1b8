"""Addresses on the desk's pages: where entries of a log are proved, and where the things that they name are shown."""

from collections.abc import Mapping
from typing import Any

from shared.web.visit import Visit


def town_of(visit: Visit) -> str:
    assert visit.town
    return visit.town.id


def proof_url(town: str, service: str, position: int) -> str:
    """What shows that the entry at a position of a service's log is in its tree."""
    return f"/{town}/audit/{service}/proof/{position}"


def thing_url(town: str, source: str, project: str, facts: Mapping[str, Any]) -> str:
    """Where what a fact of another service tells of is shown by that service."""
    match source:
        case "planning" if "revision" in facts:
            return f"/{town}/plans/{project}/history/{facts['revision']}"
        case "planning":
            return f"/{town}/plans/{project}/history"
        case "events" if "meeting" in facts:
            return f"/{town}/events/meetings/{facts['meeting']}"
        case "events" if "process" in facts:
            return f"/{town}/events/processes/{facts['process']}"
    return f"/{town}/projects/{project}"
