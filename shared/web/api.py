"""The JSON API of a service: one address for each command, made from the commands themselves."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, get_args

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from msgspec import Struct

from shared.category import NotFound
from shared.message import Command
from shared.service import Card
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
    """Route handlers for all commands but the `internal` ones, and for the description of the API."""
    known = addresses(card, aggregates, internal)
    name = card.name

    @post(f"/{{municipality:str}}/api/{name}/{{aggregate:str}}/{{id:str}}/{{command:str}}", status_code=200)
    async def give(
        visit: NamedDependency[Visit],
        request: Request[Any, Any, Any],
        aggregate: FromPath[str],
        id: FromPath[str],
        command: FromPath[str],
    ) -> Response[bytes]:
        address = known.get((aggregate, command))
        if address is None:
            raise NotFound(command)
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

    @get(f"/{{municipality:str}}/api/{name}/openapi.json")
    async def describe(visit: NamedDependency[Visit]) -> Response[bytes]:
        assert visit.town
        return json_response(openapi(name, visit.town.id, known.values()))

    return [give, describe]


def json_response(content: Any, headers: Mapping[str, str] | None = None) -> Response[bytes]:
    return Response(msgspec.json.encode(content), media_type="application/json", headers=dict(headers or {}))


def openapi(service: str, municipality: str, known: Any) -> dict[str, Any]:
    """The OpenAPI 3.1 document of a service's commands, with JSON Schemas made from the commands."""
    listed = list(known)
    schemas, components = msgspec.json.schema_components(
        [address.kind for address in listed], ref_template="#/components/schemas/{name}"
    )
    paths = {
        f"/{municipality}/api/{service}/{address.aggregate}/{{id}}/{address.command}": {
            "post": _operation(address, schema)
        }
        for address, schema in zip(listed, schemas, strict=True)
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": f"Gemeinwerk {service}", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": components,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}],
    }


def _operation(address: Address, schema: dict[str, Any]) -> dict[str, Any]:
    header = {"in": "header", "schema": {"type": "string"}}
    refusals = {
        "400": "a field is at fault",
        "401": "sign in",
        "403": "not yours to do",
        "404": "no such thing here",
        "409": "a rule forbids it",
        "412": "somebody was faster",
        "422": "this command id was used for something else",
        "429": "too many",
    }
    return {
        "operationId": address.kind.__name__,
        "summary": (address.kind.__doc__ or address.kind.__name__).strip().split("\n")[0],
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
            {"name": "Idempotency-Key", **header},
            {"name": "If-Match", **header},
        ],
        "requestBody": {"required": True, "content": {"application/json": {"schema": schema}}},
        "responses": {"200": {"description": "accepted"}}
        | {status: {"description": words} for status, words in refusals.items()},
    }


def _kebab(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower()


def _version(header: str | None) -> int | None:
    match = re.fullmatch(r'(?:W/)?"(\d+)"', header or "")
    return int(match[1]) if match else None
