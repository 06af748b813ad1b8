"""A plan as its pages show it: content from the document, names from the directory, history from the log."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import asdict

from services.planning.adapters.contents import Contents
from services.planning.adapters.office import Office
from services.planning.domain.checks import Finding, check
from services.planning.exports.figures import figures
from services.planning.screens import Burst, Comparison, Found, Frozen, Person, Pot, Recent, Workspace, in_short
from services.planning.views.offers import MARKETPLACE
from services.planning.views.plans import authors_of, bursts_of, changes_of, is_open, revisions_of
from services.planning.views.pots import with_rules
from services.planning.views.teams import team_of
from shared.access.standing import Standing
from shared.access.tickets import Right
from shared.category import NotFound
from shared.contracts.documents import Comment, Plan
from shared.documents import read_comments, read_plan
from shared.plans import PARTS, Change, changes
from shared.print import Press
from shared.remarks import threads
from shared.text import folded
from shared.web.render import hue
from shared.web.visit import Visit

_RECENT = 6
_BALANCE = ("income_missing", "income_beyond_costs", "balanced")
ADVISERS = frozenset({"coordinator", "department_contact", "council_member", "facilitator"})
"""Who may comment on the plans of others: those whose advice teams are promised."""
_ORDER = ("profile", "work", "resources", "schedule", "finance")


class Extra:
    """What only planning has: the document office, the frozen contents and the press."""

    def __init__(self, office: Office, contents: Contents, press: Press) -> None:
        self.office = office
        self.contents = contents
        self.press = press


async def reader(visit: Visit, project: str) -> Standing:
    """Who looks, if a plan is there for her: a public project's plan is read by everybody. Raises `NotFound`."""
    assert visit.town
    standing = await visit.standing(project)
    async with visit.site.service.reading(visit.town.id) as connection:
        opened = await is_open(connection, visit.town.id, project)
    if not opened or (standing.phase in (None, "hidden") and standing.relation is None):
        raise NotFound(project)
    return standing


def right_of(standing: Standing) -> Right:
    """A plan is its team's; those who advise may comment on it, everybody else reads."""
    if standing.relation:
        return "write"
    return "comment" if standing.roles & ADVISERS else "read"


async def names_of(visit: Visit, *authors: str) -> dict[str, str]:
    """The names of those who changed a plan; one of them is the marketplace."""
    found = await visit.names(*authors)
    return found | {author: "Marktplatz" for author in authors if author == MARKETPLACE}


async def people(visit: Visit, project: str) -> list[Person]:
    """Who is in the team, and who has said something about the plan, by name."""
    assert visit.town
    town = visit.town.id
    said = read_comments((await visit.extra.office.content(town, project))[0])
    async with visit.site.service.reading(town) as connection:
        team = set(await team_of(connection, town, project))
    named = team.union(*({each.author, each.closer, *each.mentions.split()} for each in said)) - {""}
    names = await visit.names(*sorted(named))
    found = [Person(person=id, name=name, hue=hue(id), team=id in team) for id, name in names.items()]
    return sorted(found, key=lambda each: folded(each.name))


async def workspace(visit: Visit, project: str, part: str, content: Plan | None = None) -> Workspace:
    """A plan on one of its pages; `content` shows that of a revision instead of what is saved now."""
    assert visit.town
    town, extra = visit.town.id, visit.extra
    standing = await reader(visit, project)
    said: tuple[Comment, ...] = ()
    if content is None:
        state = (await extra.office.content(town, project))[0]
        content, said = read_plan(state)[0], read_comments(state)
    title = await visit.site.titles.read(town, "project", project) or "Projekt"
    pots = await _pots(visit) if part == "finance" else ()
    chosen = visit.request.query_params.get("pot", pots[0].id if len(pots) == 1 else "")
    checked = [(finding.code, _said(visit, finding)) for finding in check(content) if finding.part == part]
    writes = standing.relation is not None
    async with visit.site.service.reading(town) as connection:
        recent = await bursts_of(connection, town, project, limit=_RECENT)
        frozen = await revisions_of(connection, town, project)
    talk = threads(said, content, part) if part else []
    authors = {each.author for thread in talk for each in thread.said}
    names = await names_of(visit, *authors, *(row.person for row in recent))
    hues = await _hues(visit, project) if part == "schedule" else {}
    return Workspace(
        project=project,
        title=title,
        address=f"/{town}/plans/{project}",
        content=content,
        at=visit.now,
        part=part,
        right=right_of(standing),
        may_freeze=writes,
        next_number=(frozen[0].number if frozen else 0) + 1,
        pot=next((pot for pot in pots if pot.id == chosen), None),
        pots=pots,
        findings=tuple(found for code, found in checked if code in _BALANCE),
        to_mend=tuple(found for code, found in checked if code not in _BALANCE),
        talk=tuple(talk),
        names=names,
        hues=hues,
        recent=tuple(
            Recent(at=row.at, name=names[row.person], words=in_short(changes_of(row), row.more))
            for row in recent
            if changes_of(row) or row.more  # not what somebody took back at once
        ),
    )


async def _hues(visit: Visit, project: str) -> dict[str, int]:
    """The colours of the team by name: packages hold the names of those who take care of them."""
    assert visit.town
    async with visit.site.service.reading(visit.town.id) as connection:
        team = await team_of(connection, visit.town.id, project)
    return {name: hue(person) for person, name in (await visit.names(*team)).items()}


async def _pots(visit: Visit) -> tuple[Pot, ...]:
    """The pots of the town whose rules the plan can be checked against, by title."""
    assert visit.town
    town = visit.town.id
    async with visit.site.service.reading(town) as connection:
        rows = await with_rules(connection, town)
    titles = await visit.site.titles.read_all((town, "pot", row.id) for row in rows)
    found = [Pot(id=row.id, title=titles.get((town, "pot", row.id), "Fördertopf"), version=row.version) for row in rows]
    return tuple(sorted(found, key=lambda pot: folded(pot.title)))


def _said(visit: Visit, finding: Finding) -> Found:
    language = visit.session.language if visit.session else "de"
    words = visit.site.renderer.say(f"check.{finding.code}", finding.facts, language)
    return Found(failing=finding.failing, words=words, line=finding.line, line_id=finding.line_id)


async def history(visit: Visit, project: str, person: str, part: str) -> list[Burst]:
    """Who changed what, newest first; what is still being typed is written into the log first."""
    assert visit.town
    town = visit.town.id
    await visit.extra.office.record(town, project)
    async with visit.site.service.reading(town) as connection:
        rows = await bursts_of(connection, town, project, person=person, part=part)
    names = await names_of(visit, *(row.person for row in rows))
    return [
        Burst(
            at=row.at,
            person=row.person,
            name=names[row.person],
            changes=tuple(Change(**asdict(change)) for change in changes_of(row) if part in ("", change.part)),
            more=row.more,
        )
        for row in rows
    ]


async def authors(visit: Visit, project: str) -> dict[str, str]:
    """The names of all who have changed the plan, by pseudonym, in their order."""
    assert visit.town
    async with visit.site.service.reading(visit.town.id) as connection:
        found = await authors_of(connection, visit.town.id, project)
    names = await names_of(visit, *found)
    return dict(sorted(names.items(), key=lambda each: folded(each[1])))


async def revisions(visit: Visit, project: str) -> list[Frozen]:
    assert visit.town
    async with visit.site.service.reading(visit.town.id) as connection:
        rows = await revisions_of(connection, visit.town.id, project)
    names = await visit.names(*(row.person for row in rows))
    return [_frozen(row, names[row.person]) for row in rows]


def _frozen(row: Any, by: str) -> Frozen:
    return Frozen(id=row.id, number=row.number, name=row.name, at=row.at, by=by, ready=row.ready, digest=row.digest)


async def frozen_content(visit: Visit, project: str, revision: str) -> tuple[Frozen, Plan]:
    """A revision and what it froze. Raises `NotFound`."""
    assert visit.town
    town = visit.town.id
    async with visit.site.service.reading(town) as connection:
        rows = await revisions_of(connection, town, project)
    row = next((row for row in rows if row.id == revision), None)
    content = await visit.extra.contents.read(town, row.digest) if row else None
    if row is None or content is None:
        raise NotFound(revision)
    names = await visit.names(row.person)
    return _frozen(row, names[row.person]), content


async def comparison(visit: Visit, project: str, before: str, after: str) -> Comparison | None:
    """What changed between two revisions, or up to now; None where nothing is asked for."""
    assert visit.town
    if not before:
        return None
    older, old = await frozen_content(visit, project, before)
    if after in ("", "now"):
        new, name = read_plan((await visit.extra.office.content(visit.town.id, project))[0])[0], "jetzt"
    else:
        newer, new = await frozen_content(visit, project, after)
        name = f"Fassung {newer.number}"
    found: Sequence[Change] = changes(old, new)
    parts = [(part, tuple(change for change in found if change.part == part)) for part in _ORDER]
    was, now = figures(old), figures(new)
    sums = (
        ("Summe Kosten", was.costs_cents, now.costs_cents),
        ("Summe Einnahmen", was.incomes_cents, now.incomes_cents),
    )
    amounts = {row.id: row.total() for plan in (old, new) for row in plan.costs}
    return Comparison(
        before=f"Fassung {older.number}",
        after=name,
        parts=tuple((part, made) for part, made in parts if made),  # type: ignore[misc]
        chosen=(before, after or "now"),
        sums=tuple(each for each in sums if each[1] != each[2]),
        amounts=amounts | {row.id: row.amount_cents for plan in (old, new) for row in plan.incomes},
    )


def known_part(part: str) -> str:
    """Raises `NotFound` for what is no part of a plan."""
    if part not in {*PARTS.values(), "profile"}:
        raise NotFound(part)
    return part
