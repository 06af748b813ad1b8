"""How the applications to a pot stand against each other by the jury's weighted points, and how far the money goes."""

from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from services.funding.books import Books, books
from services.funding.dossier import Dossier
from services.funding.filing import dossier
from services.funding.shown.pots import pot_shown
from services.funding.shown.words import project_titles
from services.funding.views import applications, jury
from shared.web.visit import Visit

_STAGES = ("review", "proposed", "decided")


class Ranked(Struct, frozen=True, kw_only=True):
    """`tenths` is the weighted result, None while reviews are awaited and the pot is blind, or without any.

    `wanted_cents` is what the jury recommends, or else what is asked for; `reaches`: the money that is free suffices
    for this and all better ones. A decided application has its outcome and takes nothing more.
    """

    application_id: str
    title: str
    stage: str
    place: int
    tenths: int | None
    top: int
    given: int
    awaited: int
    asked_cents: int
    wanted_cents: int
    outcome: str | None
    reaches: bool = False


async def ranking_page(visit: Visit, id: str) -> dict[str, Any]:
    """Without the applications on which the reader has declared bias. Raises `NotFound`."""
    assert visit.town
    pot = await books(visit.site.service, visit.town.id, id)
    async with visit.site.service.reading(visit.town.id) as connection:
        rows = [row for row in await applications.of_pot(connection, visit.town.id, id) if row.stage in _STAGES]
        out = await jury.barred(connection, visit.town.id, visit.person)
    titles = await project_titles(visit, *(row.project for row in rows))
    files = [await dossier(visit.site.service, visit.town.id, row.id) for row in rows if row.id not in out]
    listed = [ranked(file, pot, titles[file.started.project_id]) for file in files]
    available = pot.state.balance.available
    return {"pot": pot_shown(visit, pot), "ranking": placed(listed, available), "available_cents": available}


def ranked(file: Dossier, pot: Books, title: str) -> Ranked:
    blind = pot.rules(file.started.rules_version).blind
    scores, pin, recommended, decision = file.scores(), file.pin(), file.recommendation(), file.decision()
    hidden = blind and file.stage == "review" and not file.all_reviewed
    asked = pin.amount_cents if pin else 0
    return Ranked(
        application_id=file.id,
        title=title,
        stage=file.stage,
        place=0,
        tenths=None if hidden else scores.weighted_tenths,
        top=scores.top,
        given=len(file.file.reviews),
        awaited=file.file.reviews_awaited,
        asked_cents=asked,
        wanted_cents=recommended.amount_cents if recommended else asked,
        outcome=decision.outcome if decision else None,
    )


def placed(listed: list[Ranked], available: int) -> list[Ranked]:
    """The best first, equal results on one place; what is not scored yet comes last, on place 0."""
    inorder = sorted(listed, key=lambda one: (-1 if one.tenths is None else -one.tenths, one.application_id))
    inorder.sort(key=lambda one: one.tenths is None)
    found: list[Ranked] = []
    for number, one in enumerate(inorder, 1):
        place = 0 if one.tenths is None else number
        if found and one.tenths is not None and found[-1].tenths == one.tenths:
            place = found[-1].place
        available -= one.wanted_cents if one.outcome is None and one.stage == "review" else 0
        found.append(replace(one, place=place, reaches=available >= 0))
    return found
