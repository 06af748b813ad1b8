"""What the demo's first team has planned: a plan in work, with a conflict of dates and money that is still missing."""

from datetime import date
from typing import Any

from msgspec.structs import replace

from shared.contracts.documents import Block, Cost, Income, Milestone, Profile, Prose, Resource, Span, Work


def profile(today: date) -> Profile:
    """All seven texts, and where, for whom, from when to when."""
    texts = {
        "summary": text(
            "In Betrieben, Werkstätten und auf Bühnen bleibt Material übrig, das zu gut ist für den Container. "
            "Wir sammeln es in Löbtau und geben es weiter."
        ),
        "goal": (
            *text("Nach einem Jahr gibt es einen Ort, an dem Material ein zweites Leben bekommt:"),
            item("60 m² Lager, zweimal die Woche offen,"),
            item("ein Katalog im Netz, in dem man nachsehen und vormerken kann,"),
            item("eine Werkstatt, in der Gruppen gemeinsam bauen."),
        ),
        "benefit": text(
            "Drei Schulen, zwölf Vereine und alle, die bauen wollen und wenig Geld haben. "
            "Rund 400 Menschen im ersten Jahr."
        ),
        "place": text("Löbtau, in Laufweite der Tharandter Straße. Ein ebenerdiger Raum wird noch gesucht."),
        "common_good": text("Weniger Abfall, geteiltes Werkzeug, Können, das von Hand zu Hand geht."),
        "risks": text("Wir finden keinen bezahlbaren Raum. Dann beginnen wir mit einem Container auf dem Schulhof."),
        "success": text("Vier Tonnen Material weitergegeben und drei Schulen, die wiederkommen."),
    }
    place, reaches = "Löbtau, Nähe Tharandter Straße", "drei Schulen, zwölf Vereine, die Nachbarschaft"
    return Profile(texts=texts, place=place, reaches=reaches, starts=day_in(today, 1, 1), ends=day_in(today, 14, 28))


def work(today: date) -> tuple[Work, ...]:
    """Nine packages and tasks; the workshop is to begin before its room is ready, the last one belongs to nobody."""
    rows: list[tuple[str, str, str, Any, int, tuple[int, int], tuple[int, int], str, str]] = [
        ("room", "Raum finden und herrichten", "Jonas T.", "doing", 80, (1, 9), (4, 28), "", ""),
        ("look", "Räume besichtigen", "Jonas T.", "done", 20, (1, 12), (2, 12), "", "work-room"),
        ("floor", "Boden und Licht", "Selin B.", "doing", 60, (3, 1), (4, 28), "work-look", "work-room"),
        ("shelf", "Katalog und Ausleihe online", "Anna B.", "open", 60, (2, 11), (5, 30), "", ""),
        ("shop", "Werkstatt einrichten", "Selin B.", "open", 120, (4, 15), (6, 14), "work-room", ""),
        ("trial", "Materialannahme erproben", "Mira K.", "open", 40, (5, 12), (6, 28), "work-room", ""),
        ("open", "Offene Werkstatt, zweimal die Woche", "Mira K.", "open", 320, (6, 28), (13, 17), "mile-party", ""),
        ("school", "Mit drei Schulen bauen", "Anna B.", "open", 90, (9, 30), (13, 10), "work-shop", ""),
        ("after", "Auswerten und verstetigen", "", "open", 30, (13, 18), (14, 28), "work-open", ""),
    ]
    return tuple(
        Work(
            id=f"work-{id}",
            order=order(number),
            label=label,
            owner=owner,
            state=state,
            effort=hours * 1000,
            starts=day_in(today, *first),
            ends=day_in(today, *last),
            after=after,
            parent=parent,
        )
        for number, (id, label, owner, state, hours, first, last, after, parent) in enumerate(rows)
    )


def milestones(today: date) -> tuple[Milestone, ...]:
    """Three days that everything works towards."""
    rows = [
        ("lease", "Mietvertrag unterschrieben", (3, 26), "work-look"),
        ("party", "Eröffnungsfest", (6, 29), "work-shop work-trial"),
        ("proof", "Verwendungsnachweis abgegeben", (14, 28), "work-after"),
    ]
    return tuple(
        Milestone(id=f"mile-{id}", order=order(number), label=label, day=day_in(today, *day), after=after)
        for number, (id, label, day, after) in enumerate(rows)
    )


def resources(need: str) -> tuple[Resource, ...]:
    """`need`: what the first of them is on the marketplace."""
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
            order=order(number),
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


def costs(today: date) -> tuple[Cost, ...]:
    """More than there is money for; with one line that the fund does not pay."""
    rows = [
        ("rack", "Schwerlastregale, gebraucht", "Sachkosten", 24, "Stück", 185, 4),
        ("bench", "Werkbänke und Absaugung", "Investition", 1, "Satz", 6900, 5),
        ("rent", "Miete Lager, warm", "Raum", 12, "Monate", 780, 4),
        ("fee", "Materiallots:in, Honorar", "Honorar", 320, "Stunden", 28, 7),
        ("bike", "Lastenrad für Abholungen", "Sachkosten", 40, "Tage", 25, 7),
        ("sign", "Schilder, Faltblatt, Website", "Öffentlichkeit", 1, "pauschal", 1350, 6),
        ("food", "Bewirtung beim Eröffnungsfest", "Bewirtung", 120, "Gäste", 7, 6),
        ("hours", "Ehrenamtliche Stunden", "Eigenleistung", 240, "Stunden", 15, 10),
    ]
    return tuple(
        Cost(
            id=f"cost-{id}",
            order=order(number),
            label=label,
            category=category,
            quantity=many * 1000,
            unit=unit,
            unit_price_cents=euros * 100,
            month=day_in(today, month, 1)[:7],
        )
        for number, (id, label, category, many, unit, euros, month) in enumerate(rows)
    )


def first_costs(today: date) -> tuple[Cost, ...]:
    """As they were when the first revision was frozen: cheaper rent, no bike, no meal."""
    kept = [row for row in costs(today) if row.id not in ("cost-bike", "cost-food")]
    return tuple(replace(row, unit_price_cents=760_00) if row.id == "cost-rent" else row for row in kept)


def incomes(today: date, fund: int = 24_800, club: int = 2_250) -> tuple[Income, ...]:
    """`fund` and `club`: euros that are applied for, and that the club has."""
    rows: list[tuple[str, str, Any, int, int, int]] = [
        ("fund", "Zukunftsstadt-Fonds", "applied", fund, 4, 0),
        ("club", "Vereinskasse", "own", club, 4, 0),
        ("gifts", "Spenden und Materialverkauf", "donation", 3_000, 7, 0),
        ("hours", "Ehrenamtliche Stunden zu 15,00 €", "volunteer", 3_600, 10, 240),
        ("racks", "Regale vom Verein Holz+Stoff", "in_kind", 2_000, 4, 0),
    ]
    return tuple(
        Income(
            id=f"income-{id}",
            order=order(number),
            label=label,
            kind=kind,
            amount_cents=euros * 100,
            month=day_in(today, month, 1)[:7],
            hours=hours * 1000,
        )
        for number, (id, label, kind, euros, month, hours) in enumerate(rows)
    )


def text(*lines: str) -> Prose:
    """Paragraphs."""
    return tuple(Block(kind="paragraph", spans=(Span(text=line),)) for line in lines)


def item(line: str) -> Block:
    """One of a list."""
    return Block(kind="item", depth=1, spans=(Span(text=line),))


def order(number: int) -> str:
    """The place of a row among up to 26."""
    return f"d{'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[number]}"


def day_in(today: date, months: int, day: int) -> str:
    """A day so many months after the present one."""
    count = today.year * 12 + today.month - 1 + months
    return date(count // 12, count % 12 + 1, min(day, 28)).isoformat()
