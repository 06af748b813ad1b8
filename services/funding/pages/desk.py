"""The desk of officers, jury and treasury: what waits, one case, and the forms that are made of many fields."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from services.funding.domain.decision import (
    ConfirmDecision,
    ContradictDecision,
    ProposeDecision,
    ProposeRevocation,
    WithdrawProposal,
)
from services.funding.domain.filing import (
    AskForCorrection,
    CompleteFormalCheck,
    DeclareBias,
)
from services.funding.domain.grant import FulfilCondition
from services.funding.domain.jury import AssignReviewer, RecordRecommendation, RecordReview, ReleaseReviewer
from services.funding.domain.payment import CheckProof, PayInstalment, RecordRepayment
from services.funding.domain.verdict import AnswerObjection
from services.funding.filing import dossier, of_the_jury, place_in
from services.funding.permitted import permitted
from services.funding.reading import OFFICE, may_read
from services.funding.shown.desk import Case, case_of, queue_of
from shared.category import NotFound
from shared.ids import following, new_id
from shared.message import Command
from shared.web.forms import Fault, Invalid
from shared.web.visit import Refused, Visit

ACTIONS: dict[str, tuple[str, type[Command]]] = {
    "complete-formal-check": ("application", CompleteFormalCheck),
    "ask-for-correction": ("application", AskForCorrection),
    "declare-bias": ("application", DeclareBias),
    "assign-reviewer": ("application", AssignReviewer),
    "release-reviewer": ("application", ReleaseReviewer),
    "record-review": ("application", RecordReview),
    "record-recommendation": ("application", RecordRecommendation),
    "answer-objection": ("application", AnswerObjection),
    "fulfil-condition": ("application", FulfilCondition),
    "propose-decision": ("decision", ProposeDecision),
    "propose-revocation": ("decision", ProposeRevocation),
    "withdraw-proposal": ("decision", WithdrawProposal),
    "confirm-decision": ("decision", ConfirmDecision),
    "contradict-decision": ("decision", ContradictDecision),
    "pay-instalment": ("payment", PayInstalment),
    "check-proof": ("payment", CheckProof),
    "record-repayment": ("payment", RecordRepayment),
}
_HELD_BACK = re.compile(r"(\d+)\s*:\s*(.+)")


async def page(visit: Visit, id: str | None, refused: Refused | None = None) -> Response[Any]:
    """The desk; for those who hold no office it does not exist."""
    assert visit.town
    visit.signed_in()
    if not OFFICE & (await visit.standing()).roles:
        raise NotFound("desk")
    case, queue, project = None, [], None
    if id is None:
        queue = await queue_of(visit)
    else:
        file = await dossier(visit.site.service, visit.town.id, id)
        await may_read(visit, file)
        case, project = await case_of(visit, file), file.started.project_id
    may = await permitted(visit, [kind for _, kind in ACTIONS.values()], project)
    by = _named(case) if case else []
    return await visit.page(
        "desk.html",
        "Förderung: Schreibtisch",
        nav="funding",
        queue=queue,
        case=case,
        names=await visit.names(*by),
        may=may,
        new=new_id(),
        refused=refused,
    )


def _named(case: Case) -> list[str]:
    proposed = [case.proposal.by] if case.proposal else []
    return [*proposed, *(one.person for one in case.panel), *case.askable]


async def act(visit: Visit, id: str, action: str) -> Response[Any]:
    assert visit.town
    if action not in ACTIONS:
        raise NotFound(action)
    category, kind = ACTIONS[action]
    file = await dossier(visit.site.service, visit.town.id, id)
    await may_read(visit, file)
    criteria = [criterion.key for criterion in file.started.criteria]
    if kind is AssignReviewer:
        await of_the_jury(visit, (await visit.form()).get("reviewer", ""))
    return await visit.submit(
        category,
        await place_in(visit, category, file),
        kind,
        then=f"/{visit.town.id}/funding/desk" + ("" if action == "declare-bias" else f"/{id}"),
        again=lambda refused: page(visit, id, refused),
        compose=_composed(kind, criteria),
    )


def _composed(kind: type[Command], criteria: list[str]) -> Callable[[dict[str, str]], Mapping[str, Any]]:
    if kind is RecordReview:
        return lambda typed: {**typed, "scores": _scores(typed, criteria)}
    if kind is ProposeDecision:
        return lambda typed: {**typed, "reasons": _reasons(typed, criteria), "conditions": _conditions(typed)}
    return lambda typed: typed


def _scores(typed: Mapping[str, str], criteria: list[str]) -> list[dict[str, Any]]:
    _all_there(typed, [f"points-{key}" for key in criteria] + [f"reason-{key}" for key in criteria])
    return [
        {"criterion": key, "points": typed[f"points-{key}"], "reason": typed[f"reason-{key}"].strip()}
        for key in criteria
    ]


def _reasons(typed: Mapping[str, str], criteria: list[str]) -> list[dict[str, str]]:
    _all_there(typed, [f"reason-{key}" for key in criteria])
    return [{"criterion": key, "reason": typed[f"reason-{key}"].strip()} for key in criteria]


def _conditions(typed: Mapping[str, str]) -> list[dict[str, Any]]:
    """A condition a line; `2: …` holds back the second instalment until it is fulfilled."""
    found = []
    for number, line in enumerate(filter(None, (line.strip() for line in typed.get("conditions", "").splitlines()))):
        match = _HELD_BACK.fullmatch(line)
        condition = {"condition_id": following(typed.get("proposal_id", ""), f"condition {number}")}
        if match:
            found.append({**condition, "text": match[2], "before_instalment": int(match[1])})
        else:
            found.append({**condition, "text": line})
    return found


def _all_there(typed: Mapping[str, str], names: list[str]) -> None:
    if faults := {name: Fault("missing") for name in names if not typed.get(name, "").strip()}:
        raise Invalid(faults)


@get("/{municipality:str}/funding/desk")
async def queue(visit: NamedDependency[Visit]) -> Response[Any]:
    return await page(visit, None)


@get("/{municipality:str}/funding/desk/{id:str}")
async def case(visit: NamedDependency[Visit], id: FromPath[str]) -> Response[Any]:
    return await page(visit, id)


@get("/{municipality:str}/funding/desk/{id:str}/present")
async def present(visit: NamedDependency[Visit], id: FromPath[str], version: FromQuery[int] = 0) -> Response[Any]:
    """Who else has this case open, and whether it has moved on since `version`: a piece of the page, which polls it.

    Nothing of the file is shown, so this is no look at it.
    """
    assert visit.town
    person = visit.signed_in()
    file = await dossier(visit.site.service, visit.town.id, id)
    if not file.submitted or person in file.file.biased or not OFFICE & (await visit.standing()).roles:
        raise NotFound(id)
    others = await visit.extra.presence.meet(visit.town.id, id, person, visit.now)
    shown = {"others": others, "names": await visit.names(*others), "moved": bool(version) and version != file.version}
    then = f"/{visit.town.id}/funding/desk/{id}"
    return await visit.page("present.html", "Wer noch da ist", then=then, **shown)


@post("/{municipality:str}/funding/desk/{id:str}/{action:str}", rule=ACTIONS)
async def act_at_desk(visit: NamedDependency[Visit], id: FromPath[str], action: FromPath[str]) -> Response[Any]:
    return await act(visit, id, action)


ROUTES = [queue, case, present, act_at_desk]
