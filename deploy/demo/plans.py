"""What the demo's first team has planned: all five parts, written by its people as ordinary edits, and talked about."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from services.planning.adapters.office import Office
from shared.bus.edits import FORM, Edit, Edits
from shared.contracts.documents import (
    Block,
    Comment,
    Cost,
    Income,
    Milestone,
    Plan,
    Profile,
    Prose,
    Resource,
    Span,
    Work,
)
from shared.documents import read_plan
from shared.documents.writing import commenting
from shared.ids import following
from shared.web.site import Site

_TOWN, _TITLE = "dresden", "Materialwerk Löbtau"
_PAUSE, _TRIES = 0.05, 600  # seconds; planning opens the plan when it hears of the project
_TALKER = 1001  # client ids of those who talk, two of them


async def load(site: Site, town: str, projects: Mapping[str, str], people: Mapping[str, str]) -> None:
    """Writes the plan of the first project of Dresden, if nothing stands in it; `projects` are ids by title, `people`
    pseudonyms by name. In any other town nothing happens."""
    if town != _TOWN:
        return
    project, office, today = projects[_TITLE], Office(site.service, site.documents), site.clock().date()
    await _opened(site, town, project)
    if read_plan((await office.content(town, project))[0])[0] != Plan():
        return
    need = following(project, "Trockener Lagerraum ab 60 m², ebenerdig")
    for name, part in (
        ("Mira K.", {"profile": _profile(today)}),
        ("Jonas T.", {"work": _work(today), "milestones": _milestones(today)}),
        ("Selin B.", {"resources": _resources(need)}),
        ("Mira K.", {"costs": _costs(today), "incomes": _incomes(today)}),
    ):
        await office.edit(town, project, people[name], lambda plan, part=part: replace(plan, **part))  # type: ignore[misc]
    await _talk(site, town, project, people)


async def _opened(site: Site, town: str, project: str) -> None:
    """Waits until planning has heard of the project and begun the plan."""
    for _ in range(_TRIES):
        if await site.documents.snapshot(town, f"plan-{project}"):
            return
        await asyncio.sleep(_PAUSE)
    raise TimeoutError(project)


async def _talk(site: Site, town: str, project: str, people: Mapping[str, str]) -> None:
    anna, mira = people["Anna B."], people["Mira K."]
    at = site.clock().astimezone(UTC)
    asked = Comment(
        id="demo-question",
        about="finance.costs/cost-fee",
        text="320 Stunden sind gut sechs pro Woche. Reicht das für die Schulen ab September?",
        author=anna,
        at=_moment(at - timedelta(hours=3)),
        mentions=mira,
    )
    answer = Comment(
        id="demo-answer",
        about=asked.about,
        text="Die drei Schulen kommen nacheinander dran, dann reicht es. Ich frage trotzdem nach.",
        author=mira,
        at=_moment(at - timedelta(hours=1)),
        mentions=anna,
        parent=asked.id,
    )
    for number, comment in enumerate((asked, answer)):
        client = _TALKER + number
        edit = Edit(comment.author, commenting(client, comment), (client,))
        await site.documents.publish(town, f"plan-{project}", Edits(FORM, 0, "planning", [edit]))


def _profile(today: date) -> Profile:
    texts = {
        "summary": _text(
            "In Betrieben, Werkstätten und auf Bühnen bleibt Material übrig, das zu gut ist für den Container. "
            "Wir sammeln es in Löbtau und geben es weiter."
        ),
        "goal": (
            *_text("Nach einem Jahr gibt es einen Ort, an dem Material ein zweites Leben bekommt:"),
            _item("60 m² Lager, zweimal die Woche offen,"),
            _item("ein Katalog im Netz, in dem man nachsehen und vormerken kann,"),
            _item("eine Werkstatt, in der Gruppen gemeinsam bauen."),
        ),
        "benefit": _text(
            "Drei Schulen, zwölf Vereine und alle, die bauen wollen und wenig Geld haben. "
            "Rund 400 Menschen im ersten Jahr."
        ),
        "place": _text("Löbtau, in Laufweite der Tharandter Straße. Ein ebenerdiger Raum wird noch gesucht."),
        "common_good": _text("Weniger Abfall, geteiltes Werkzeug, Können, das von Hand zu Hand geht."),
        "risks": _text("Wir finden keinen bezahlbaren Raum. Dann beginnen wir mit einem Container auf dem Schulhof."),
        "success": _text("Vier Tonnen Material weitergegeben und drei Schulen, die wiederkommen."),
    }
    place, reaches = "Löbtau, Nähe Tharandter Straße", "drei Schulen, zwölf Vereine, die Nachbarschaft"
    return Profile(texts=texts, place=place, reaches=reaches, starts=_day(today, 1, 1), ends=_day(today, 14, 28))


def _work(today: date) -> tuple[Work, ...]:
    rows: list[tuple[str, str, str, Any, int, tuple[int, int], tuple[int, int], str, str]] = [
        ("room", "Raum finden und herrichten", "Jonas T.", "doing", 80, (1, 9), (4, 28), "", ""),
        ("look", "Räume besichtigen", "Jonas T.", "done", 20, (1, 9), (2, 12), "", "work-room"),
        ("floor", "Boden und Licht", "Selin B.", "doing", 60, (3, 1), (4, 28), "work-look", "work-room"),
        ("shelf", "Katalog und Ausleihe online", "Anna B.", "open", 60, (2, 11), (5, 30), "", ""),
        ("shop", "Werkstatt einrichten", "Selin B.", "open", 120, (5, 3), (6, 14), "work-room", ""),
        ("trial", "Materialannahme erproben", "Mira K.", "open", 40, (5, 12), (6, 28), "work-room", ""),
        ("open", "Offene Werkstatt, zweimal die Woche", "Mira K.", "open", 320, (6, 28), (13, 17), "mile-party", ""),
        ("school", "Mit drei Schulen bauen", "Anna B.", "open", 90, (9, 30), (13, 10), "work-shop", ""),
        ("after", "Auswerten und verstetigen", "", "open", 30, (13, 18), (14, 28), "work-open", ""),
    ]
    return tuple(
        Work(
            id=f"work-{id}",
            order=_order(number),
            label=label,
            owner=owner,
            state=state,
            effort=hours * 1000,
            starts=_day(today, *first),
            ends=_day(today, *last),
            after=after,
            parent=parent,
        )
        for number, (id, label, owner, state, hours, first, last, after, parent) in enumerate(rows)
    )


def _milestones(today: date) -> tuple[Milestone, ...]:
    rows = [
        ("lease", "Mietvertrag unterschrieben", (3, 26), "work-look"),
        ("party", "Eröffnungsfest", (6, 29), "work-shop work-trial"),
        ("proof", "Verwendungsnachweis abgegeben", (14, 28), "work-after"),
    ]
    return tuple(
        Milestone(id=f"mile-{id}", order=_order(number), label=label, day=_day(today, *day), after=after)
        for number, (id, label, day, after) in enumerate(rows)
    )


def _resources(need: str) -> tuple[Resource, ...]:
    rows: list[tuple[str, str, Any, int, str, Any, str, str]] = [
        ("room", "Trockener Lagerraum, ebenerdig", "room", 60, "m²", "needed", "", need),
        ("hands", "Leute zum Sortieren", "people", 6, "Personen", "offered", "Nachbarschaft", ""),
        ("racks", "Schwerlastregale", "thing", 8, "Stück", "secured", "Verein Holz+Stoff", ""),
        ("bike", "Lastenrad für Abholungen", "thing", 1, "Rad", "secured", "Lastenrad-Ring Neustadt", ""),
        ("saw", "Sicher sägen: Einweisung", "know_how", 2, "Abende", "offered", "Tischlerei aus der Straße", ""),
    ]
    return tuple(
        Resource(
            id=f"resource-{id}",
            order=_order(number),
            label=label,
            kind=kind,
            quantity=many * 1000,
            unit=unit,
            state=state,
            source=source,
            need=asked,
        )
        for number, (id, label, kind, many, unit, state, source, asked) in enumerate(rows)
    )


def _costs(today: date) -> tuple[Cost, ...]:
    rows = [
        ("rack", "Schwerlastregale, gebraucht", "Sachkosten", 24, "Stück", 185, 4),
        ("bench", "Werkbänke und Absaugung", "Investition", 1, "Satz", 6900, 5),
        ("rent", "Miete Lager, warm", "Raum", 12, "Monate", 780, 4),
        ("fee", "Materiallots:in, Honorar", "Honorar", 320, "Stunden", 28, 7),
        ("bike", "Lastenrad für Abholungen", "Sachkosten", 40, "Tage", 25, 7),
        ("sign", "Schilder, Faltblatt, Website", "Öffentlichkeit", 1, "pauschal", 1350, 6),
        ("hours", "Ehrenamtliche Stunden", "Eigenleistung", 240, "Stunden", 15, 10),
    ]
    return tuple(
        Cost(
            id=f"cost-{id}",
            order=_order(number),
            label=label,
            category=category,
            quantity=many * 1000,
            unit=unit,
            unit_price_cents=euros * 100,
            month=_day(today, month, 1)[:7],
        )
        for number, (id, label, category, many, unit, euros, month) in enumerate(rows)
    )


def _incomes(today: date) -> tuple[Income, ...]:
    rows: list[tuple[str, str, Any, int, int, int]] = [
        ("fund", "Zukunftsstadt-Fonds", "applied", 24_800, 4, 0),
        ("club", "Vereinskasse", "own", 2_210, 4, 0),
        ("gifts", "Spenden und Materialverkauf", "donation", 3_000, 7, 0),
        ("hours", "Ehrenamtliche Stunden zu 15,00 €", "volunteer", 3_600, 10, 240),
        ("racks", "Regale vom Verein Holz+Stoff", "in_kind", 2_000, 4, 0),
    ]
    return tuple(
        Income(
            id=f"income-{id}",
            order=_order(number),
            label=label,
            kind=kind,
            amount_cents=euros * 100,
            month=_day(today, month, 1)[:7],
            hours=hours * 1000,
        )
        for number, (id, label, kind, euros, month, hours) in enumerate(rows)
    )


def _text(*lines: str) -> Prose:
    return tuple(Block(kind="paragraph", spans=(Span(text=line),)) for line in lines)


def _item(line: str) -> Block:
    return Block(kind="item", depth=1, spans=(Span(text=line),))


def _order(number: int) -> str:
    return f"d{'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[number]}"


def _day(today: date, months: int, day: int) -> str:
    """A day so many months after the present one."""
    count = today.year * 12 + today.month - 1 + months
    return date(count // 12, count % 12 + 1, min(day, 28)).isoformat()


def _moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
