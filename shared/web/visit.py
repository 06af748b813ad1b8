"""One request to one service: who asks, in which town, and what she may do; pages and API act through it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from litestar import Request, Response
from litestar.response import Redirect
from msgspec import Struct

from shared.access.cookies import csrf_token
from shared.access.limits import Limit, neighbourhood, trusted_address
from shared.access.permissions import allowed
from shared.access.sessions import Session
from shared.access.standing import Standing, standing
from shared.category import Handled, NotFound
from shared.decider import Rejected
from shared.ids import new_id
from shared.message import Command, Context
from shared.municipalities import Municipality
from shared.store import Conflict
from shared.web.forgery import bearer, refuse_forgery
from shared.web.forms import Fault, Invalid, from_form, is_key
from shared.web.problems import Forbidden, Problem, SignInNeeded, TooMany, problem_of
from shared.web.render import Me, Page
from shared.web.site import Site

BERLIN = ZoneInfo("Europe/Berlin")
_COMMANDS = Limit("commands", 120, 60)


class Place(Struct, frozen=True):
    """Where a command acts: the ids of its streams, and the project that they belong to, if any.

    `private`: whoever asks may not read it, and if she may not act on it either, is not told that it is there.
    """

    ids: str | tuple[str, ...]
    project: str | None = None
    private: bool = False


class Refused(Struct, frozen=True):
    """Why a form was not taken, and what had been typed, so that the page can be shown again."""

    problem: Problem
    typed: Mapping[str, str]


class Visit:
    """A request with its answers. `town` is None outside any municipality."""

    def __init__(self, site: Site, request: Request[Any, Any, Any], session: Session | None, town: Municipality | None):
        self.site = site
        self.request = request
        self.session = session
        self.town = town
        self.now = site.clock()
        self.extra: Any = None  # what only this service's handlers need
        self.late: set[str] = set()  # services whose facts have not arrived yet: the page says so

    @classmethod
    async def begin(cls, site: Site, request: Request[Any, Any, Any]) -> Visit:
        """Reads the session, finds the town, waits for what the person has just done elsewhere (at most 1 s).

        Raises `NotFound` for a town that is not there and an address that nothing can have, `Invalid` for a question
        with a NUL (no database takes it), `Forbidden` for a form that was not ours.
        """
        if "\0" in request.scope["path"]:
            raise NotFound("NUL")
        if faults := {name: Fault("wrong_form") for name, text in request.query_params.items() if "\0" in text}:
            raise Invalid(faults)
        token = site.cookie.read(request.headers.get("cookie", "")) or bearer(request)
        session = await site.sessions.read(token) if token else None
        named = request.path_params.get("municipality")
        town = None if named is None else await site.town(named)
        visit = cls(site, request, session, town)
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            await refuse_forgery(request, session, site.settings.public_url)
        if session and town:
            await visit._wait_for(session.seen_in(town.id))
        return visit

    @property
    def person(self) -> str | None:
        return self.session.person(self.town.id) if self.session and self.town else None

    @property
    def today(self) -> date:
        return self.now.astimezone(BERLIN).date()

    def signed_in(self) -> str:
        """The person who asks. Raises `SignInNeeded`."""
        if self.person is None:
            raise SignInNeeded
        return self.person

    async def standing(self, project: str | None = None) -> Standing:
        """What the person is in this town and in `project`'s team."""
        assert self.town
        async with self.site.service.fenced.transaction(self.town.id) as connection:
            return await standing(connection, self.town.id, self.person, project, self.today)

    async def may(self, command: type[Command], project: str | None = None) -> bool:
        """Whether the person may give such a command here, as pages ask before they show its button."""
        return self._allowed(command, await self.standing(project))

    async def act(
        self,
        category: str,
        place: Place,
        command: Command,
        *,
        command_id: str | None = None,
        expected: int | None = None,
    ) -> Handled:
        """Gives a command in the person's name.

        Raises `SignInNeeded`, `Forbidden`, `NotFound` (also for what the person may not know of), `TooMany` and what
        `Category.handle` raises.
        """
        assert self.town
        if not all(map(is_key, (place.ids,) if isinstance(place.ids, str) else place.ids)):
            raise NotFound(place.ids)
        _, now = await asyncio.gather(self.count(), self.standing(place.project))
        if not self._allowed(type(command), now):
            unseen = place.project and now.phase in (None, "hidden") and now.relation is None
            if unseen or place.private:
                raise NotFound(place.ids)
            if self.person is None:
                raise SignInNeeded
            raise Forbidden(type(command).__name__)
        context = Context(
            by=self.signed_in(), municipality=self.town.id, at=self.now, command_id=command_id or new_id()
        )
        handled = await self.site.service.handle(category, place.ids, command, context, expected)
        if category == "municipality":
            self.site.towns.pop(self.town.id, None)
        if self.session and (fact := await self.site.service.last_fact(self.town.id, handled)):
            await self.site.sessions.saw(self.session.id, self.town.id, self.site.service.card.name, fact)
        return handled

    async def submit(
        self,
        category: str,
        place: Place,
        kind: type[Command],
        *,
        then: str,
        again: Callable[[Refused], Awaitable[Response[Any]]],
        compose: Callable[[dict[str, str]], Mapping[str, Any]] = lambda typed: typed,
    ) -> Response[Any]:
        """Takes a posted form as a command: on to `then`, or the page `again` with what was typed and what is wrong.

        `compose` puts fields of the command together from several of the form; it may raise `Invalid`.
        """
        typed = await self.form()
        try:
            expected = int(typed["expected"]) if typed.get("expected", "").isdigit() else None
            command = from_form(kind, compose(typed))
            await self.act(category, place, command, command_id=typed.get("command_id") or None, expected=expected)
        except (Invalid, Rejected, Conflict) as error:
            problem = problem_of(error)
            assert problem
            response = await again(Refused(problem, typed))
            response.status_code = problem.status
            return response
        return Redirect(then, status_code=303)

    async def page(
        self, template: str, title: str, *, nav: str = "", notice: str = "", **context: Any
    ) -> Response[Any]:
        """An HTML page of this service, `<service>/<template>`, for whoever asks."""
        town = self.town.id if self.town else None
        me = None
        if town and self.person:
            name = await self.site.people.read(town, self.person) or "Gast"
            me = Me(self.person, name, (await self.standing()).roles)
        page = Page(
            title=title,
            path=self.request.url.path,
            town=self.town,
            me=me,
            account=bool(self.session and self.session.account),
            nav=nav,
            csrf=csrf_token(self.session) if self.session else "",
            language=self.session.language if self.session else "de",
            gateway=self.site.settings.gateway_url,
            notice=notice,
            late=bool(self.late),
            command_id=new_id(),
        )
        return self.site.renderer.render(f"{self.site.service.card.name}/{template}", page, **context)

    async def names(self, *people: str) -> dict[str, str]:
        """Display names by pseudonym; somebody without one (forgotten, or not yet told) is `Jemand`."""
        assert self.town
        found = await self.site.people.read_all((self.town.id, person) for person in people)
        return {person: found.get((self.town.id, person), "Jemand") for person in people}

    async def form(self) -> dict[str, str]:
        """The posted form, one text a field."""
        posted = await self.request.form()
        return {name: value for name, value in posted.items() if isinstance(value, str)}

    def _allowed(self, command: type[Command], now: Standing) -> bool:
        relations = {now.relation} if now.relation else set()
        if self.session and self.session.account and self.person:
            relations |= {"signed_in"}
        if self.session and self.session.guest:
            relations |= {"guest"}
        return allowed(f"{self.site.service.card.name}.{command.__name__}", now.roles, relations, now.phase)

    async def count(self, limit: Limit = _COMMANDS) -> None:
        """Counts what is asked here against a limit of the account, or of the address. Raises `TooMany`."""
        account = self.session.account if self.session else ""
        subject = account or neighbourhood(trusted_address(self.request.scope, self.site.proxies))
        verdict = await self.site.limits.hit(limit, subject)
        if not verdict.allowed:
            raise TooMany(verdict.wait)

    async def _wait_for(self, seen: Mapping[str, int]) -> None:
        assert self.town
        for service, position in seen.items():
            if service in self.site.service.card.hears and not await self.site.service.has_heard(
                self.town.id, service, position
            ):
                self.late.add(service)
