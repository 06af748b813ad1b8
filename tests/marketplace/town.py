"""A town as the marketplace shows it: districts, people, projects, needs; what waits for whom."""

from datetime import UTC, datetime
from types import SimpleNamespace as Row
from typing import Any

from services.marketplace.story import Moment
from services.marketplace.views.listing import Listed
from shared.contracts.marketplace import District
from shared.municipalities import Municipality

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
MENTIONS = (
    Row(project="p-1", title="Materialwerk Löbtau", part="finance", comment="c-1", by="jt", at="2026-11-22T10:00:00Z"),
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
