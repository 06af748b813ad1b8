"""What the demo's two applicants have planned besides money: texts, steps, days, and what they need."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from msgspec import Struct

from deploy.demo.material import order, text
from shared.contracts.documents import Milestone, Profile, Resource, Work

_Days = tuple[tuple[int, int], tuple[int, int]]  # (month, day) of the year after the present one


class Draft(Struct, frozen=True, kw_only=True):
    """`work` as (label, who, hours, days); each step waits for the one before it. `feast`: a day and what it is."""

    place: str
    reaches: str
    texts: Mapping[str, str]
    work: tuple[tuple[str, str, int, _Days], ...]
    feast: tuple[str, tuple[int, int]]
    resources: tuple[tuple[str, Any, int, str, Any, str], ...]


_DRAFTS: Final = {
    "Lastenrad-Ring Neustadt": Draft(
        place="Äußere und Innere Neustadt, fünf Ecken",
        reaches="11.000 Menschen in Wegweite",
        texts={
            "summary": "Fünf Lastenräder an fünf Ecken, kostenlos zu leihen. Die Nachbarschaft wartet sie selbst.",
            "goal": "Wer etwas Schweres zu bewegen hat, nimmt das Rad von der Ecke statt das Auto von der Straße.",
            "benefit": "Familien, Vereine und kleine Läden ohne Auto, mit und ohne Konto.",
            "place": "Louisenstraße, Martin-Luther-Platz, Alaunplatz, Bischofsweg und Hechtstraße.",
            "common_good": "Weniger Fahrten, weniger Lärm, und jeden ersten Montag ein Abend, an dem alle schrauben.",
            "risks": "Für die Hechtstraße fehlt noch die Erlaubnis. Bis sie da ist, fahren vier Räder.",
            "success": "600 Ausleihen im ersten Jahr, und keines der Räder steht länger als eine Woche kaputt.",
        },
        work=(
            ("Standorte abstimmen", "Jonas T.", 40, ((4, 1), (4, 30))),
            ("Räder und Bügel beschaffen", "Duc N.", 60, ((5, 1), (6, 15))),
            ("Buchung und Schilder", "Mira K.", 50, ((6, 16), (7, 3))),
            ("Leihen und warten", "Jonas T.", 300, ((7, 5), (12, 31))),
        ),
        feast=("Anradeln am Alaunplatz", (7, 4)),
        resources=(
            ("Stellplatz je Ecke", "room", 5, "Plätze", "offered", "Straßen- und Tiefbauamt"),
            ("Werkstatt für die Pflege-Abende", "room", 1, "Abend im Monat", "secured", "Fahrradladen am Alaunplatz"),
            ("Leute für den Werkstatt-Abend", "people", 2, "Personen", "needed", ""),
        ),
    ),
    "Essbare Höfe Johannstadt": Draft(
        place="Johannstadt-Nord, sechs Innenhöfe",
        reaches="rund 700 Menschen in 14 Häusern",
        texts={
            "summary": "Beerensträucher und Kräuter in sechs Innenhöfen, gepflegt von den Häusern rundum.",
            "goal": "Aus sechs grauen Höfen werden Gärten, in denen alle ernten dürfen, die dort wohnen.",
            "benefit": "Menschen ohne Garten, vor allem Kinder und Ältere, die selten weit hinauskommen.",
            "place": "Höfe zwischen Pfeifferhannsstraße und Bönischplatz; drei Hausverwaltungen haben zugesagt.",
            "common_good": "Kühlere Höfe, mehr Insekten, und Nachbar:innen, die sich beim Namen kennen.",
            "risks": "Der Boden könnte belastet sein. Dann pflanzen wir in Hochbeete.",
            "success": "Alle sechs Höfe sind bepflanzt, und in jedem Haus gibt es zwei Menschen, die gießen.",
        },
        work=(
            ("Boden prüfen lassen", "Duc N.", 12, ((4, 1), (4, 25))),
            ("Beete bauen und pflanzen", "Anna B.", 90, ((4, 26), (6, 12))),
            ("Zwölf Pflanzkurse", "Duc N.", 60, ((6, 14), (10, 30))),
        ),
        feast=("Erntefest im Hof", (9, 19)),
        resources=(
            ("Bodenproben lesen", "know_how", 6, "Höfe", "needed", ""),
            ("Gießkannen und Spaten", "thing", 20, "Stück", "offered", "Kleingartenverein"),
            ("Wasseranschluss", "thing", 6, "Höfe", "secured", "Hausverwaltungen"),
        ),
    ),
}


def begins(today: date) -> date:
    """The first day of both projects."""
    return date(today.year + 1, 4, 1)


def parts(title: str, today: date) -> dict[str, Any]:
    """Parts of the plan of the project `title`, by name."""
    draft, year = _DRAFTS[title], begins(today).year
    what, when = draft.feast
    return {
        "profile": Profile(
            texts={name: text(words) for name, words in draft.texts.items()},
            place=draft.place,
            reaches=draft.reaches,
            starts=begins(today).isoformat(),
            ends=date(year, 12, 31).isoformat(),
        ),
        "work": tuple(
            Work(
                id=f"work-{number}",
                order=order(number),
                label=label,
                owner=who,
                effort=hours * 1000,
                starts=date(year, *first).isoformat(),
                ends=date(year, *last).isoformat(),
                after=f"work-{number - 1}" if number else "",
            )
            for number, (label, who, hours, (first, last)) in enumerate(draft.work)
        ),
        "milestones": (Milestone(id="mile-feast", order=order(0), label=what, day=date(year, *when).isoformat()),),
        "resources": tuple(
            Resource(
                id=f"resource-{number}",
                order=order(number),
                label=label,
                kind=kind,
                quantity=many * 1000,
                unit=unit,
                state=state,
                source=source,
            )
            for number, (label, kind, many, unit, state, source) in enumerate(draft.resources)
        ),
    }
