"""What the marketplace's pages are given: a town with six projects, its people, one project at each stage."""

from datetime import UTC, datetime
from types import SimpleNamespace as Row
from typing import Any

from services.marketplace.domain.project import PHASES
from services.marketplace.drawings import district_map
from services.marketplace.pages import NEEDS
from services.marketplace.story import Moment
from services.marketplace.views.listing import Found, Listed, Search
from services.marketplace.views.project_page import Whole
from shared.contracts.marketplace import District
from shared.municipalities import Municipality
from shared.web.forms import Fault
from shared.web.problems import Problem
from shared.web.render import Me, Page, Renderer
from shared.web.visit import Refused

AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
NAMES = {
    "mk": "Mira K.",
    "jt": "Jonas T.",
    "sb": "Selin B.",
    "ab": "Anna B.",
    "pw": "Paul W.",
    "dn": "Duc N.",
    "lh": "Lena H.",
    "tr": "Tom R.",
    "cv": "Carla V.",
}
PLACES = {
    "pieschen": ("Pieschen", 22, 22),
    "klotzsche": ("Klotzsche", 50, 4),
    "neustadt": ("Neustadt", 49, 32),
    "loschwitz": ("Loschwitz", 86, 36),
    "cotta": ("Cotta", 8, 54),
    "altstadt": ("Altstadt", 38, 58),
    "blasewitz": ("Blasewitz", 70, 62),
    "plauen": ("Plauen", 27, 84),
    "prohlis": ("Prohlis", 54, 92),
    "leuben": ("Leuben", 86, 88),
}
DISTRICTS = tuple(District(key, *place) for key, place in PLACES.items())
DRESDEN = Municipality("dresden", "Dresden", "SN", "dresden", DISTRICTS)
DETMOLD = Municipality(
    "detmold",
    "Detmold",
    "NW",
    "detmold",
    (
        District("kernstadt", "Kernstadt", 48, 40),
        District("heiden", "Heidenoldendorf", 20, 22),
        District("pivitsheide", "Pivitsheide", 12, 55),
        District("remmighausen", "Remmighausen", 70, 62),
    ),
)
DORTMUND = Municipality("dortmund", "Dortmund", "NW", "dortmund", (District("nordstadt", "Nordstadt", 50, 30),))


def page(title: str = "Seite", person: str | None = "ab", roles: tuple[str, ...] = (), **more: Any) -> Page:
    me = Me(person, NAMES[person], frozenset(roles)) if person else None
    own = {"town": DRESDEN, "me": me, "account": bool(person), "csrf": "token" if person else "", "command_id": "c-1"}
    return Page(**{"title": title, "path": "/dresden/projects"} | own | more)


def listed(id: str, title: str, summary: str, place: str, picture: str, phase: str, team: str, need: Any) -> Listed:
    return Listed(id, title, summary, place, picture, phase, tuple(team.split()), need)


PROJECTS = (
    listed(
        "1",
        "Materialwerk Löbtau",
        "Was in Betrieben und auf Bühnen übrig bleibt, wird hier gesammelt, sortiert und weitergegeben: an Schulen, "
        "Vereine und alle, die bauen.",
        "cotta",
        "shelf",
        "development",
        "mk jt sb ab pw dn lh",
        ("n1", "room", "Trockener Lagerraum ab 60 m², ebenerdig"),
    ),
    listed(
        "2",
        "Essbare Höfe Johannstadt",
        "Beerensträucher und Kräuter in sechs Innenhöfen, gepflegt von den Häusern rundum.",
        "altstadt",
        "sprout",
        "initiation",
        "lh dn",
        ("n2", "skill", "Jemand, der Bodenproben lesen kann"),
    ),
    listed(
        "3",
        "Lastenrad-Ring Neustadt",
        "Fünf Lastenräder an fünf Ecken, kostenlos zu leihen, gewartet von der Nachbarschaft.",
        "neustadt",
        "bike",
        "implementation",
        "tr jt mk dn ab",
        ("n3", "hands", "Zwei Leute für den Werkstatt-Abend am 3. Dezember"),
    ),
    listed(
        "4",
        "Schulhof im Schatten",
        "Kinder, Eltern und Grünflächenamt planen zusammen, wo auf dem heißen Hof Bäume wachsen können.",
        "cotta",
        "tree",
        "development",
        "pw sb cv",
        ("n4", "contact", "Ansprechperson für Leitungspläne im Untergrund"),
    ),
    listed(
        "5",
        "Reparaturcafé auf Rädern",
        "Ein Bus mit Werkbank hält alle zwei Wochen an einem anderen Platz im Dresdner Süden.",
        "prohlis",
        "bus",
        "implementation",
        "sb tr",
        ("n5", "thing", "Nähmaschine für Leder und Planen"),
    ),
    listed(
        "6",
        "Klotzsche zu Fuß",
        "Sitzbänke, Schatten und kurze Wege: Wir gehen den Stadtteil ab und machen daraus einen Plan.",
        "klotzsche",
        "signpost",
        "completed",
        "dn",
        None,
    ),
)
COUNTS = {
    "pieschen": 3,
    "klotzsche": 1,
    "neustadt": 6,
    "loschwitz": 2,
    "cotta": 5,
    "altstadt": 4,
    "blasewitz": 2,
    "plauen": 2,
    "prohlis": 1,
    "leuben": 1,
}
PHASE_COUNTS = {"initiation": 9, "development": 11, "implementation": 7}
WANTED = (
    Row(
        id="n1",
        project="1",
        kind="room",
        what="Lagerraum ab 60 m², trocken",
        by_day="2027-01-15",
        title="Materialwerk Löbtau",
    ),
    Row(
        id="n3",
        project="3",
        kind="hands",
        what="Schrauben und Licht einstellen",
        by_day="2026-12-03",
        title="Lastenrad-Ring Neustadt",
    ),
    Row(id="n2", project="2", kind="skill", what="Bodenproben lesen", by_day=None, title="Essbare Höfe Johannstadt"),
)


def market(search: Search | None = None, found: Found | None = None, **more: Any) -> dict[str, Any]:
    found = found or Found(PROJECTS, 27, PHASE_COUNTS, COUNTS)
    own = {"wanted": WANTED, "needed": 14, "names": NAMES, "pages": 3, "phases": PHASES[:3], "kinds": NEEDS}
    town = more.pop("town", DRESDEN)
    drawn = district_map(town.districts, found.districts)
    return {"search": search or Search(), "found": found, "map": drawn} | own | more


def member(person: str, role: str = "member", state: str = "member") -> Row:
    return Row(person=person, role=role, state=state, since=AT)


def need(id: str, kind: str, what: str, by_day: str | None = None, state: str = "open") -> Row:
    return Row(id=id, project="1", kind=kind, what=what, by_day=by_day, state=state, published=AT)


TEAM = (
    member("mk", "lead"),
    member("jt", "lead"),
    member("sb", "treasurer"),
    member("ab"),
    member("pw", "spokesperson"),
    member("dn"),
)
NEEDED = (
    need("n1", "room", "Trockener Lagerraum ab 60 m², ebenerdig", "2027-01-15"),
    need("n7", "hands", "Zwei Abende im Monat Material sortieren"),
    need("n8", "skill", "Jemand, der Statik von Schwerlastregalen prüft"),
    need("n9", "contact", "Kontakt zu Bühnen und Messebauern", state="fulfilled"),
)


STORY = [
    Moment(AT, "found", text="Kontakt zu Bühnen und Messebauern"),
    Moment(AT, "described", "mk"),
    Moment(AT, "phase", text="development"),
    *(Moment(AT, "joined", person) for person in ("dn", "pw", "ab")),
    Moment(AT, "need", text="Trockener Lagerraum ab 60 m², ebenerdig"),
    Moment(AT, "published"),
    Moment(AT, "proposed", "mk"),
]


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


IDEA = Row(
    id="9",
    title="Nachtbus nach Loschwitz",
    summary="Am Wochenende stündlich, von Ehrenamtlichen gefahren.",
    district="loschwitz",
    picture="bus",
    proposed_by="lh",
    moved=AT,
)
WAITING = (
    Row(project="1", title="Materialwerk Löbtau", person="lh", state="asking", since=AT),
    Row(project="3", title="Lastenrad-Ring Neustadt", person="ab", state="invited", since=AT),
)
OWN = (
    Row(
        id="1",
        title="Materialwerk Löbtau",
        phase="development",
        place="member",
        role="lead",
        picture="shelf",
        district="cotta",
        moved=AT,
    ),
    Row(
        id="2",
        title="Essbare Höfe Johannstadt",
        phase="initiation",
        place="asking",
        role="",
        picture="sprout",
        district="altstadt",
        moved=AT,
    ),
    Row(
        id="9",
        title="Nachtbus nach Loschwitz",
        phase="",
        place="member",
        role="lead",
        picture="bus",
        district="loschwitz",
        moved=AT,
    ),
)


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
        market(found=Found((), 0, {}, {}), wanted=(), needed=0, pages=0, town=DETMOLD),
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
    "inbox": ("inbox.html", {"waiting": WAITING, "names": NAMES}, {"nav": "inbox"}),
    "inbox-empty": ("inbox.html", {"waiting": (), "names": {}}, {"nav": "inbox"}),
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
