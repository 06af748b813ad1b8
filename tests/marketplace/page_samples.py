"""What the marketplace's pages are given at each stage, and the pages made of it."""

from types import SimpleNamespace as Row
from typing import Any

from services.marketplace.domain.project import PHASES
from services.marketplace.drawings import district_map
from services.marketplace.pages import NEEDS
from services.marketplace.views.listing import Found, Search
from services.marketplace.views.project_page import Whole
from shared.web.forms import Fault
from shared.web.problems import Problem
from shared.web.render import Me, Page, Renderer
from shared.web.visit import Refused
from tests.marketplace.town import (
    AT,
    COUNTS,
    DETMOLD,
    DORTMUND,
    DRESDEN,
    IDEA,
    MENTIONS,
    NAMES,
    NEEDED,
    OWN,
    PHASE_COUNTS,
    PROJECTS,
    STORY,
    TEAM,
    WAITING,
    WANTED,
    member,
)

POTS = (
    Row(id="fund", budget=250_000_00, available=182_400_00, least=None, most=50_000_00, share=None, reviews=3,
        closes="2027-01-31"),
    Row(id="district", budget=30_000_00, available=0, least=2_000_00, most=10_000_00, share=50, reviews=0,
        closes="2027-03-01"),
)  # fmt: skip


def page(title: str = "Seite", person: str | None = "ab", roles: tuple[str, ...] = (), **more: Any) -> Page:
    me = Me(person, NAMES[person], frozenset(roles)) if person else None
    own = {"town": DRESDEN, "me": me, "account": bool(person), "csrf": "token" if person else "", "command_id": "c-1"}
    return Page(**{"title": title, "path": "/dresden/projects"} | own | more)


def market(search: Search | None = None, found: Found | None = None, **more: Any) -> dict[str, Any]:
    found = found or Found(PROJECTS, 27, PHASE_COUNTS, COUNTS)
    own = {"wanted": WANTED, "needed": 14, "names": NAMES, "pages": 3, "phases": PHASES[:3], "kinds": NEEDS}
    own |= {"pots": POTS, "pot_titles": {"fund": "Zukunftsstadt-Fonds", "district": "Stadtbezirksmittel"}}
    town = more.pop("town", DRESDEN)
    drawn = district_map(town.districts, found.districts)
    return {"search": search or Search(), "found": found, "map": drawn} | own | more


def project(place: str | None = None, *, asking: bool = False, offers: bool = False, **more: Any) -> dict[str, Any]:
    row = {
        "id": "1",
        "title": PROJECTS[0].title,
        "summary": PROJECTS[0].summary,
        "district": "cotta",
        "picture": "shelf",
        "phase": "development",
        "state": "public",
        "reason": None,
        "proposed_by": "mk",
        "moved": AT,
        "version": 4,
    }
    team = (*TEAM, member("lh", "", "asking")) if asking else TEAM
    made = (Row(id="o1", need="n1", person="tr", state="open", made=AT),) if offers else ()
    own = {key: more.pop(key) for key in list(more) if key in row}
    context = {"place": place, "coordinates": False, "names": NAMES, "refused": None, "phases": PHASES, "kinds": NEEDS}
    return {"whole": Whole(Row(**row | own), team, NEEDED, made), "story": STORY} | context | {"new": "new-1"} | more


def refused(code: str = "", *, faults: dict[str, Any] | None = None, **typed: str) -> Refused:
    return Refused(Problem(status=409 if code else 400, code=code or "invalid", faults=faults or {}), typed)


def no_role() -> Row:
    return Row(roles=frozenset(), relation=None, phase=None)


LETTERS = [
    Row(
        to="anna@gemeinwerk.example",
        at=AT,
        subject="491 203 ist dein Code",
        text="Dein Code: 491 203\n\nEr gilt zehn Minuten.",
    ),
]
FAULTS = {"title": Fault("too_short", {"least": 3}), "district": Fault("missing")}
SIGN_IN = {"next": "/dresden/me", "address": "", "fault": "", "kept": True}
NOBODY = {"person": None}
OUTSIDE: dict[str, Any] = {"town": None, "person": None}
Sample = tuple[str, dict[str, Any], dict[str, Any]]
"""Template, its context, and what is special about the page: `person`, `roles`, `town`, …"""
SAMPLES: dict[str, Sample] = {
    "towns": ("towns.html", {"towns": [DRESDEN, DETMOLD, DORTMUND]}, OUTSIDE),
    "no-towns": ("towns.html", {"towns": []}, OUTSIDE),
    "start": ("start.html", market(), {"nav": "projects"}),
    "start-detmold": (
        "start.html",
        market(found=Found((), 0, {}, {}), wanted=(), needed=0, pages=0, pots=(), town=DETMOLD),
        NOBODY | {"town": DETMOLD, "nav": "projects"},
    ),
    "start-dortmund": (
        "start.html",
        market(found=Found((), 0, {}, {}), wanted=(), needed=1, pages=0, town=DORTMUND),
        {"town": DORTMUND},
    ),
    "projects": (
        "projects.html",
        market(Search(district="cotta", phase="development", page=2)),
        NOBODY | {"nav": "projects"},
    ),
    "nothing-found": ("projects.html", market(Search(q="Schwimmbad"), Found((), 0, {}, {}), pages=0), {"late": True}),
    "project": ("project.html", project(), NOBODY | {"nav": "projects"}),
    "project-lead": ("project.html", project("lead", asking=True, offers=True), {"person": "mk"}),
    "project-member": ("project.html", project("member"), {}),
    "project-asking": ("project.html", project("asking"), {"person": "lh"}),
    "project-idea": ("project.html", project("lead", state="idea", phase=""), {"person": "mk"}),
    "project-check": (
        "project.html",
        project(coordinates=True, state="idea", phase=""),
        {"person": "cv", "roles": ("coordinator",)},
    ),
    "project-refused": ("project.html", project("lead", refused=refused("last_lead")), {"person": "mk"}),
    "propose": ("propose.html", {"id": "new-1", "refused": None}, {}),
    "propose-refused": (
        "propose.html",
        {"id": "new-1", "refused": refused(faults=FAULTS, title="X", summary="Ein <b>Satz</b>")},
        {},
    ),
    "me": ("me.html", {"own": OWN, "standing": Row(roles=frozenset({"council_member", "reviewer"}))}, {"nav": "me"}),
    "me-new": ("me.html", {"own": (), "standing": no_role()}, {}),
    "inbox": ("inbox.html", {"waiting": WAITING, "mentions": MENTIONS, "names": NAMES}, {"nav": "inbox"}),
    "inbox-empty": ("inbox.html", {"waiting": (), "mentions": (), "names": {}}, {"nav": "inbox"}),
    "desk": ("desk.html", {"ideas": (IDEA,), "names": NAMES}, {"roles": ("coordinator",), "nav": "desk"}),
    "desk-empty": ("desk.html", {"ideas": (), "names": {}}, {"roles": ("coordinator",), "nav": "desk"}),
    "sign-in": ("sign_in.html", SIGN_IN | {"step": "address"}, OUTSIDE),
    "sign-in-wrong": (
        "sign_in.html",
        SIGN_IN | {"step": "address", "address": "anna", "fault": "address_wrong"},
        OUTSIDE,
    ),
    "sign-in-code": ("sign_in.html", SIGN_IN | {"step": "code", "address": "anna@gemeinwerk.example"}, OUTSIDE),
    "sign-in-name": ("sign_in.html", SIGN_IN | {"step": "name"}, OUTSIDE | {"account": True, "csrf": "token"}),
    "sign-in-town": (
        "sign_in.html",
        SIGN_IN | {"step": "town", "address": "Dresden"},
        OUTSIDE | {"account": True, "csrf": "token"},
    ),
    "mail": ("mail.html", {"letters": LETTERS}, OUTSIDE),
    "mail-empty": ("mail.html", {"letters": []}, OUTSIDE),
}


def html(renderer: Renderer, name: str) -> str:
    """The sample as HTML."""
    template, context, special = SAMPLES[name]
    return renderer.render(f"marketplace/{template}", page(**special), **context).content
