"""Walks through a demo as the people it is for, and finds one page of every kind that each of them can reach."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass

from playwright.async_api import BrowserContext

from deploy.walkthrough.people import Person, sign_in, visitor

_LINK = re.compile(r'href="(/[^"#]*)"')
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|guest-[0-9a-f-]+|(?<=/)\d+(?=/|$)")
_NEVER = re.compile(
    r"\.ics$|\.zip$|/offline$|/exports/.|/api/|/assets/|/audit/.*(entries|proof)|/mail|\.pdf|\.csv|\.xlsx"
)


@dataclass(frozen=True)
class Visitor:
    """Somebody of the demo: the town, the name ("" for nobody signed in), and where the tour begins."""

    who: str
    town: str
    name: str
    starts: tuple[str, ...]


VISITORS = (
    Visitor(
        "besuch",
        "dresden",
        "",
        ("/", "/dresden", "/dresden/events", "/dresden/funding", "/dresden/decisions", "/dresden/audit"),
    ),
    Visitor(
        "team", "dresden", "Mira K.", ("/dresden/me", "/dresden/projects/new", "/dresden/inbox", "/dresden/funding")
    ),
    Visitor("koordination", "detmold", "Petra M.", ("/detmold/desk", "/detmold/events")),
    Visitor("moderation", "dresden", "Carla V.", ("/dresden/events",)),
    Visitor("foerderung", "dresden", "Frank O.", ("/dresden/funding/desk", "/dresden/funding")),
    Visitor("kasse", "dresden", "Greta L.", ("/dresden/funding/desk", "/dresden/funding")),
    Visitor("jury", "dresden", "Jutta R.", ("/dresden/funding/desk",)),
    Visitor("pruefung", "dresden", "Albert P.", ("/dresden/audit", "/dresden/funding/desk")),
    Visitor("schnittstellen", "dresden", "Ines T.", ("/dresden/developers",)),
    Visitor("dortmund", "dortmund", "", ("/dortmund", "/dortmund/events", "/dortmund/funding")),
)


async def enter(url: str, who: Visitor) -> Person:
    """Signed in with the code of the mail page, or nobody in particular."""
    if not who.name:
        return visitor(url, who.town)
    return await sign_in(url, who.town, f"{who.name.split()[0].lower()}@gemeinwerk.example", who.name)


async def kinds_of_pages(person: Person, who: Visitor, most: int = 60) -> AsyncIterator[tuple[str, str]]:
    """(kind, path) of one page of every kind within reach by links; a kind is the path without its ids and query."""
    waiting, seen = list(who.starts), set[str]()
    while waiting and len(seen) < most:
        path = waiting.pop(0)
        kind = _ID.sub("ID", path.partition("?")[0]).rstrip("/") or "/"
        if kind in seen or _NEVER.search(path):
            continue
        seen.add(kind)
        answer = await person.client.get(path, follow_redirects=True)
        if answer.status_code != 200 or "text/html" not in answer.headers.get("content-type", ""):
            continue
        yield kind, path
        links = (link.replace("&amp;", "&") for link in _LINK.findall(answer.text))
        waiting += [link for link in links if link.startswith(f"/{who.town}")]


async def carry_over(person: Person, context: BrowserContext, url: str) -> None:
    """The browser continues the session that the person has begun."""
    cookies = [{"name": name, "value": value, "url": url} for name, value in person.client.cookies.items()]
    if cookies:
        await context.add_cookies(cookies)  # type: ignore[arg-type]
