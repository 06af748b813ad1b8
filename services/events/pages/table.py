"""The way in with the code of a beer mat."""

from typing import Any

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.response import Redirect

from services.events.domain.attendance import JoinTable
from services.events.sitting import cookie, sit_down
from shared.decider import Rejected
from shared.web.forms import Invalid
from shared.web.problems import Problem, SignInNeeded, problem_of
from shared.web.visit import Visit


@get(["/{municipality:str}/table", "/{municipality:str}/table/{code:str}"])
async def door(visit: NamedDependency[Visit]) -> Response[Any]:
    return await _door(visit, visit.request.path_params.get("code", "")[:20])


async def _door(visit: Visit, code: str, first_name: str = "", fault: Problem | None = None) -> Response[Any]:
    response = await visit.page(
        "join.html", "An den Tisch setzen", nav="events", code=code, first_name=first_name, fault=fault
    )
    response.status_code = fault.status if fault else 200
    return response


@post("/{municipality:str}/table", rule=JoinTable)
async def sit(visit: NamedDependency[Visit]) -> Response[Any]:
    assert visit.town
    typed = await visit.form()
    code, first_name = typed.get("code", ""), typed.get("first_name", "")
    try:
        seat = await sit_down(visit, code, first_name)
    except (Rejected, Invalid) as error:
        return await _door(visit, code[:20], first_name[:30], problem_of(error))
    except SignInNeeded:
        return Redirect(f"/sign-in?next=/{visit.town.id}/table", status_code=303)
    return Redirect(f"/{visit.town.id}/live/{seat.meeting}/table", status_code=303, headers=cookie(visit, seat))


ROUTES = [door, sit]
