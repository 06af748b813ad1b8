"""Pages as HTML: templates of the services on one layout, and every code said in the reader's language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32
from zoneinfo import ZoneInfo

import jinja2
from babel.dates import format_date, format_datetime
from litestar import MediaType, Response
from markupsafe import Markup
from msgspec import Struct

from shared.money import format_euro
from shared.municipalities import Municipality
from shared.web.assets import Assets
from shared.web.problems import Problem

BERLIN = ZoneInfo("Europe/Berlin")
_SERVICES = ("marketplace", "planning", "funding", "events", "realtime")


class Me(Struct, frozen=True):
    """The person who reads the page: pseudonym, name and roles in this town."""

    person: str
    name: str
    roles: frozenset[str] = frozenset()


class Page(Struct, frozen=True, kw_only=True):
    """What the layout needs. `nav` names the current entry; `account`: somebody is signed in, perhaps not in this town.

    `late`: what the reader has just done elsewhere has not arrived yet. `command_id` makes a form count once.
    """

    title: str
    path: str
    town: Municipality | None = None
    me: Me | None = None
    account: bool = False
    nav: str = ""
    csrf: str = ""
    language: str = "de"
    gateway: str = ""
    notice: str = ""
    late: bool = False
    command_id: str = ""


class Renderer:
    """Renders templates; `templates/` of `shared/web` and of each service under the service's name."""

    def __init__(self) -> None:
        self.assets = Assets.built()
        loaders: dict[str, jinja2.BaseLoader] = {
            name: jinja2.PackageLoader(f"services.{name}", "templates") for name in _SERVICES if _has_templates(name)
        }
        self._environment = jinja2.Environment(
            loader=jinja2.ChoiceLoader([jinja2.PrefixLoader(loaders), jinja2.PackageLoader("shared.web", "templates")]),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals |= {"asset": self.assets.url, "say": self.say}
        self._environment.filters |= {
            "euro": format_euro,
            "day": day,
            "moment": moment,
            "initials": initials,
            "hue": hue,
        }

    def render(self, template: str, page: Page, **context: Any) -> Response[str]:
        """An HTML answer. Raises `jinja2.UndefinedError` for a name that the page was not given."""
        html = self._environment.get_template(template).render(page=page, **context)
        return Response(html, media_type=MediaType.HTML)

    def error_page(self, problem: Problem, town: Municipality | None, path: str) -> Response[str]:
        words = self.say(problem.code, problem.facts, "de")
        page = Page(title=words, path=path, town=town)
        response = self.render("error.html", page, status=problem.status, words=words)
        response.status_code = problem.status
        return response

    def say(self, code: str, facts: Mapping[str, Any], language: str = "de") -> str:
        """The words for a code, filled with facts; a code without words is shown as it is."""
        words = _words().get(code)
        if words is None:
            return code
        return words[language].format(**{name: _said(name, value) for name, value in facts.items()})


@cache
def _words() -> dict[str, dict[str, str]]:
    """All codes with their words, from `words/*.toml`; those of other sections as `<section>.<code>`."""
    found: dict[str, dict[str, str]] = {}
    for file in files("shared.web").joinpath("words").iterdir():
        if file.name.endswith(".toml"):
            for section, entries in tomllib.loads(file.read_text(encoding="utf-8")).items():
                prefix = "" if section == "rejected" else f"{section}."
                found |= {f"{prefix}{code}": words for code, words in entries.items()}
    return found


def _said(name: str, value: Any) -> Any:
    if name.endswith("_cents") and isinstance(value, int):
        return format_euro(value)
    if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        with suppress(ValueError):  # the 31st of February, as somebody wrote it
            return day(value)
    return value


def _has_templates(service: str) -> bool:
    return files(f"services.{service}").joinpath("templates").is_dir()


def day(value: str | date | datetime, form: str = "d. MMMM y", language: str = "de") -> str:
    """A date in words: ISO text, date, or a moment as the date it has in Germany."""
    if isinstance(value, str):
        value = date.fromisoformat(value[:10])
    elif isinstance(value, datetime):
        value = value.astimezone(BERLIN).date()
    return format_date(value, form, locale=language)


def moment(value: str | datetime, form: str = "d. MMMM y, HH:mm 'Uhr'", language: str = "de") -> str:
    """A moment in words, in German time."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value).replace(tzinfo=datetime.fromisoformat(value).tzinfo or UTC)
    return format_datetime(value, form, tzinfo=BERLIN, locale=language)


def initials(name: str) -> str:
    """`Mira K.` → `MK`."""
    parts = [part for part in name.replace(".", " ").split() if part]
    return (parts[0][0] + (parts[-1][0] if len(parts) > 1 else "")).upper() if parts else "?"


def hue(person: str) -> int:
    """One of the eight colours of persons, always the same for one pseudonym."""
    return crc32(person.encode()) % 8 + 1


def security_headers(gateway_url: str, *, secure: bool) -> dict[str, str]:
    """Headers of every answer: a strict policy without inline script or style; websockets to the gateway only."""
    gateway = urlsplit(gateway_url)
    policy = {
        "default-src": "'self'",
        "connect-src": f"'self' {gateway.scheme}://{gateway.netloc}",
        "img-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
    }
    headers = {
        "content-security-policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=(self)",
        "cross-origin-opener-policy": "same-origin",
    }
    return headers | ({"strict-transport-security": "max-age=31536000; includeSubDomains"} if secure else {})


def safe(html: str) -> Markup:
    """Marks HTML that our own code made, such as drawings."""
    return Markup(html)  # noqa: S704
