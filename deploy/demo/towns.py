"""Who lives in the three demo towns, and what they are making. All people are invented."""

from msgspec import Struct

from deploy.towns import Town
from services.marketplace.domain.municipality import District
from services.marketplace.domain.need import Kind
from services.marketplace.domain.person import Role
from services.marketplace.domain.project import Phase


class Person(Struct, frozen=True):
    name: str
    roles: tuple[Role, ...] = ()

    @property
    def address(self) -> str:
        return f"{self.name.split()[0].lower()}@gemeinwerk.example"


class Project(Struct, frozen=True):
    title: str
    summary: str
    district: str
    picture: str
    phases: tuple[Phase, ...]
    lead: str
    members: tuple[str, ...]
    needs: tuple[tuple[Kind, str], ...] = ()


class Demo(Struct, frozen=True):
    town: Town
    people: tuple[Person, ...]
    projects: tuple[Project, ...]


DRESDEN = Demo(
    Town(
        "dresden",
        "Dresden",
        "SN",
        "dresden",
        (
            District("pieschen", "Pieschen", 22, 22),
            District("klotzsche", "Klotzsche", 50, 4),
            District("neustadt", "Neustadt", 49, 32),
            District("loschwitz", "Loschwitz", 86, 36),
            District("cotta", "Cotta", 8, 54),
            District("altstadt", "Altstadt", 38, 58),
            District("blasewitz", "Blasewitz", 70, 62),
            District("plauen", "Plauen", 27, 84),
            District("prohlis", "Prohlis", 54, 92),
            District("leuben", "Leuben", 86, 88),
        ),
    ),
    (
        Person("Mira K."),
        Person("Jonas T."),
        Person("Selin B."),
        Person("Anna B."),
        Person("Duc N."),
        Person("Carla V.", ("coordinator", "facilitator")),
        Person("Frank O.", ("funding_officer",)),
        Person("Greta L.", ("funding_officer", "treasurer")),
        Person("Jutta R.", ("reviewer",)),
        Person("Rosa E.", ("reviewer",)),
        Person("Kofi D.", ("reviewer",)),
        Person("Ines T.", ("integrator",)),
        Person("Albert P.", ("auditor",)),
    ),
    (
        Project(
            "Materialwerk Löbtau",
            "Was in Betrieben und auf Bühnen übrig bleibt, wird hier gesammelt und weitergegeben: an Schulen, "
            "Vereine und alle, die bauen.",
            "cotta",
            "shelf",
            ("development",),
            "Mira K.",
            ("Jonas T.", "Selin B.", "Anna B."),
            (("room", "Trockener Lagerraum ab 60 m², ebenerdig"), ("hands", "Zwei Abende im Monat Material sortieren")),
        ),
        Project(
            "Essbare Höfe Johannstadt",
            "Beerensträucher und Kräuter in sechs Innenhöfen, gepflegt von den Häusern rundum.",
            "altstadt",
            "sprout",
            (),
            "Duc N.",
            ("Anna B.",),
            (("skill", "Jemand, der Bodenproben lesen kann"),),
        ),
        Project(
            "Lastenrad-Ring Neustadt",
            "Fünf Lastenräder an fünf Ecken, kostenlos zu leihen, gewartet von der Nachbarschaft.",
            "neustadt",
            "bike",
            ("development", "implementation"),
            "Jonas T.",
            ("Mira K.", "Duc N."),
            (("hands", "Zwei Leute für den Werkstatt-Abend"),),
        ),
    ),
)
DETMOLD = Demo(
    Town(
        "detmold",
        "Detmold",
        "NW",
        "detmold",
        (
            District("kernstadt", "Kernstadt", 48, 50),
            District("heiligenkirchen", "Heiligenkirchen", 40, 78),
            District("jerxen", "Jerxen-Orbke", 34, 24),
            District("pivitsheide", "Pivitsheide", 12, 36),
            District("hiddesen", "Hiddesen", 22, 64),
            District("remmighausen", "Remmighausen", 72, 74),
            District("kluet", "Klüt", 66, 20),
        ),
    ),
    (
        Person("Lena D."),
        Person("Ole S."),
        Person("Petra M.", ("coordinator", "facilitator")),
        Person("Ralf W.", ("funding_officer",)),
        Person("Sabine H.", ("funding_officer", "treasurer")),
    ),
    (
        Project(
            "Reallabor Mobilität 2.030",
            "Eine Straße wird für drei Monate anders genutzt, und alle messen mit, was sich verändert.",
            "kernstadt",
            "signpost",
            ("development",),
            "Lena D.",
            ("Ole S.",),
            (("skill", "Erfahrung mit Verkehrszählung"),),
        ),
        Project(
            "Regenwasser im Quartier",
            "Wir suchen Dächer und Höfe, die Regen zurückhalten statt ihn in den Kanal zu schicken.",
            "hiddesen",
            "tree",
            (),
            "Ole S.",
            (),
            (("contact", "Hausverwaltungen, die mitmachen"),),
        ),
        Project(
            "Digitale Ethik im Alltag",
            "Ein Werkstattabend im Monat: Was darf die smarte Stadt über uns wissen?",
            "jerxen",
            "sprout",
            (),
            "Lena D.",
            ("Ole S.",),
        ),
    ),
)
DORTMUND = Demo(
    Town(
        "dortmund",
        "Dortmund",
        "NW",
        "dortmund",
        (
            District("innenstadt", "Innenstadt", 48, 50),
            District("eving", "Eving", 48, 14),
            District("scharnhorst", "Scharnhorst", 74, 26),
            District("brackel", "Brackel", 78, 52),
            District("aplerbeck", "Aplerbeck", 74, 78),
            District("hoerde", "Hörde", 52, 80),
            District("hombruch", "Hombruch", 26, 80),
            District("huckarde", "Huckarde", 22, 40),
            District("mengede", "Mengede", 16, 12),
        ),
    ),
    (
        Person("Yusuf A."),
        Person("Nele F."),
        Person("Tom B.", ("coordinator", "facilitator")),
        Person("Ute G.", ("funding_officer",)),
        Person("Viktor Z.", ("funding_officer", "treasurer")),
    ),
    (
        Project(
            "Zukunftsbilder am Stehtisch",
            "Beteiligungskarten zum Mitnehmen: in Büdchen, Bibliotheken und Wartezimmern.",
            "innenstadt",
            "signpost",
            ("development",),
            "Yusuf A.",
            ("Nele F.",),
            (("publicity", "Jemand, der die Karten gestaltet"),),
        ),
        Project(
            "Schulhof im Schatten",
            "Kinder, Eltern und Grünflächenamt planen zusammen, wo auf dem heißen Hof Bäume wachsen können.",
            "hoerde",
            "tree",
            (),
            "Nele F.",
            (),
            (("contact", "Ansprechperson für Leitungspläne im Untergrund"),),
        ),
        Project(
            "Reparaturcafé auf Rädern",
            "Ein Bus mit Werkbank hält alle zwei Wochen an einem anderen Platz.",
            "huckarde",
            "bus",
            ("development", "implementation"),
            "Yusuf A.",
            ("Nele F.",),
            (("thing", "Nähmaschine für Leder und Planen"),),
        ),
    ),
)
DEMOS = (DRESDEN, DETMOLD, DORTMUND)
