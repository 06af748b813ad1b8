"""Words that do not stand in funding's own log: titles of projects, and names of codes in the reader's language."""

from typing import Any

from shared.web.visit import Visit

_UNTITLED = "Ein Projekt"


async def project_titles(visit: Visit, *projects: str) -> dict[str, str]:
    """Titles by project; one that is not, or no longer, public is `Ein Projekt`."""
    assert visit.town
    found = await visit.site.titles.read_all((visit.town.id, "project", project) for project in projects)
    return {project: found.get((visit.town.id, "project", project), _UNTITLED) for project in projects}


def said(visit: Visit, code: str, **facts: Any) -> str:
    """The words for a code of `words/funding.toml`."""
    return visit.site.renderer.say(code, facts, visit.session.language if visit.session else "de")
