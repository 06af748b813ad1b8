"""A pot as it was: its accounts, rules and call after any entry of its log, and who held which part of the money."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from services.funding.books import Books, books
from services.funding.desk.links import proof_url, town_of
from services.funding.domain.pot import Call
from services.funding.drawings import Bar
from services.funding.ledger import ACCOUNTS, Account, Posting, balances, posting
from services.funding.shown.pots import bar_of
from services.funding.shown.words import project_titles, said
from services.funding.views.applications import of_pot
from shared.store import Recorded
from shared.web.moments import asked_moment, for_field
from shared.web.visit import Visit


class Turn(Struct, frozen=True, kw_only=True):
    """An entry of the pot's log; `posting` is None where it moved no money."""

    position: int
    at: datetime
    title: str
    posting: Posting | None
    about: str
    proof: str


class Held(Struct, frozen=True, kw_only=True):
    """What one application held of the pot, in cents."""

    application_id: str
    title: str
    reserved: int
    committed: int
    paid: int


class Before(Struct, frozen=True):
    """An account then and now, in cents."""

    name: str
    then: int
    now: int


async def pot_then(visit: Visit, id: str, at: str, position: int | None) -> dict[str, Any]:
    """The pot after the entry at `position`, or as of `at` (see `asked_moment`). Raises `NotFound`, `Invalid`."""
    whole = await books(visit.site.service, town_of(visit), id)
    until = asked_moment(at, visit.now)
    recorded = [one for one in whole.recorded if _by_then(one, until, position)]
    turns = await _turns(visit, whole)
    shown = [turn for turn in turns if any(turn.position == one.entry.position for one in recorded)]
    then = Books(recorded) if recorded else None
    return {
        "pot_id": id,
        "pot_title": whole.title,
        "then": then,
        "call": _call(then),
        "bar": _bar(visit, then),
        "accounts": _accounts(visit, then, whole),
        "held": _held(then, {turn.posting.application_id: turn.about for turn in turns if turn.posting}),
        "turns": turns,
        "here": shown[-1] if shown else None,
        "earlier": shown[-2].position if len(shown) > 1 else None,
        "later": next((turn.position for turn in turns[len(shown) :]), None),
        "field": for_field(recorded[-1].entry.recorded_at if recorded and position else until),
        "picked": position,
    }


def _by_then(one: Recorded, until: datetime, position: int | None) -> bool:
    return one.entry.position <= position if position else one.entry.recorded_at <= until


async def _turns(visit: Visit, file: Books) -> list[Turn]:
    town = town_of(visit)
    async with visit.site.service.reading(town) as connection:
        rows = await of_pot(connection, town, file.opened.pot_id)
    titles = await project_titles(visit, *(row.project for row in rows))
    about = {row.id: titles[row.project] for row in rows}
    return [_turn(visit, one, about) for one in file.recorded]


def _turn(visit: Visit, one: Recorded, about: dict[str, str]) -> Turn:
    made = posting(one.event)  # type: ignore[arg-type]
    return Turn(
        position=one.entry.position,
        at=one.entry.recorded_at,
        title=said(visit, f"event.{type(one.event).__name__}"),
        posting=made,
        about=about.get(made.application_id, "") if made and made.application_id else "",
        proof=proof_url(town_of(visit), "funding", one.entry.position),
    )


def _bar(visit: Visit, then: Books | None) -> Bar | None:
    return bar_of(visit, then) if then else None


def _call(then: Books | None) -> Call | None:
    return then.call if then else None


def _accounts(visit: Visit, then: Books | None, now: Books) -> list[Before]:
    before = then.ledger().balances if then else dict.fromkeys(ACCOUNTS, 0)
    after = now.ledger().balances
    return [Before(said(visit, f"account.{key}"), before.get(key, 0), after[key]) for key in ACCOUNTS]


def _held(then: Books | None, about: dict[str | None, str]) -> list[Held]:
    if then is None:
        return []
    postings: Sequence[Posting] = then.ledger().postings
    found = []
    for application in dict.fromkeys(one.application_id for one in postings if one.application_id):
        of: dict[Account, int] = balances(postings, application)
        if any(of[key] for key in ("reserved", "committed", "paid")):
            found.append(
                Held(
                    application_id=application,
                    title=about.get(application, ""),
                    reserved=of["reserved"],
                    committed=of["committed"],
                    paid=of["paid"],
                )
            )
    return found
