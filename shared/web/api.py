"""The JSON API of a service: one address for each command, made from the commands themselves."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, get_args

import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from shared.card import Card
from shared.message import Command
from shared.web.forms import from_json
from shared.web.visit import Place, Visit

Locate = Callable[[Visit, str, str, Command], Awaitable[Place]]
"""From category, the id in the address and the command to the streams and the project; raises `NotFound`."""


class Address(Struct, frozen=True):
    """Where a command is given: /<municipality>/api/<service>/<aggregate>/<id>/<command>."""

    aggregate: str
    command: str
    category: str
    kind: type[Command]


class Accepted(Struct, frozen=True):
    """The answer to a command: `version` of its (first) stream, `position` of the log, the same on every retry."""

    position: int
    version: int


def addresses(
    card: Card, aggregates: Mapping[str, str], internal: Sequence[type[Command]] = ()
) -> dict[tuple[str, str], Address]:
    """All commands by (aggregate, name), but the `internal` ones, which only the service itself gives.

    `aggregates` maps a category to the aggregate in its addresses; a decision over several streams stands before the
    single one whose command it takes over.
    """
    found: dict[tuple[str, str], Address] = {}
    for category, aggregate in aggregates.items():
        commands = card.deciders[category].commands
        for kind in get_args(commands) or (commands,):
            address = Address(aggregate, _kebab(kind.__name__), category, kind)
            if kind not in internal:
                found.setdefault((aggregate, address.command), address)
    return found


def command_routes(
    card: Card, aggregates: Mapping[str, str], locate: Locate, internal: Sequence[type[Command]] = ()
) -> list[Any]:
    """The route handler for all commands but the `internal` ones."""
    known = addresses(card, aggregates, internal).values()
    paths = {f"/{{municipality:str}}/api/{card.name}/{one.aggregate}/{{id:str}}/{one.command}": one for one in known}
    by_template = {path.replace(":str", ""): one for path, one in paths.items()}

    @post(list(paths), status_code=200, commands=paths)
    async def give(
        visit: NamedDependency[Visit], request: Request[Any, Any, Any], id: FromPath[str]
    ) -> Response[bytes]:
        address = by_template[request.scope["path_template"]]
        given = from_json(address.kind, await request.body())
        place = await locate(visit, address.category, id, given)
        handled = await visit.act(
            address.category,
            place,
            given,
            command_id=request.headers.get("idempotency-key"),
            expected=_version(request.headers.get("if-match")),
        )
        answer = Accepted(handled.answer.position, handled.answer.versions[0])
        return json_response(answer, {"etag": f'"{answer.version}"'})

    return [give]


def json_response(content: Any, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    return Response(msgspec.json.encode(content), media_type="application/json", headers=dict(headers or {}))


def _kebab(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def _version(header: str | None) -> int | None:
    match = re.fullmatch(r'(?:W/)?"(\d+)"', header or "")
    return int(match[1]) if match else None
