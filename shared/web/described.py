"""The OpenAPI document of a service, made from its routes: its commands, and every other address of its API."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec
from litestar import Litestar, Request, Response, get
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter
from msgspec import Struct

from shared.web.api import Address, json_response
from shared.web.visit import Visit

_REFUSALS = {
    "400": "a field is at fault",
    "401": "sign in",
    "403": "not yours to do",
    "404": "no such thing here",
    "409": "a rule forbids it",
    "412": "somebody was faster",
    "422": "this command id was used for something else",
    "429": "too many",
}
_TYPES: dict[Any, str] = {int: "integer", bool: "boolean"}
_HEADER = {"in": "header", "schema": {"type": "string"}}


class Operation(NamedTuple):
    """One method of one path. `takes`: the body's shape or media type; `rule`: the command that only who may
    give it may ask here, if there is one."""

    path: str
    method: str
    name: str
    about: str
    query: dict[str, dict[str, Any]]
    takes: type[Struct] | str | None
    rule: str | None
    conditional: bool = False


def describing(service: str) -> Any:
    """The route handler that serves the document."""

    @get(f"/{{municipality:str}}/api/{service}/openapi.json")
    async def describe(visit: NamedDependency[Visit], request: Request[Any, Any, Any]) -> Response[bytes]:
        assert visit.town
        return json_response(openapi(service, visit.town.id, operations(request.app, service)))

    return describe


def operations(app: Litestar, service: str) -> Iterator[Operation]:
    """All that programs may ask of a service: what lies under /api/, and what it shows of its log.

    Handlers say with `takes=` what body they read, with `rule=` which command one has to be allowed to give.
    """
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            if commands := handler.opt.get("commands"):
                yield _command(route.path, commands[route.path])
            elif "/api/" in route.path or f"/audit/{service}/" in route.path:
                for method in sorted(handler.http_methods - {"HEAD", "OPTIONS"}):
                    yield _other(route.path, method.lower(), handler, service)


def _command(path: str, address: Address) -> Operation:
    name = address.kind.__name__
    return Operation(path, "post", name, _about(address.kind) or name, {}, address.kind, name, conditional=True)


def _other(path: str, method: str, handler: HTTPRouteHandler, service: str) -> Operation:
    name, rule = _named(path, method, service), handler.opt.get("rule")
    return Operation(
        path=path,
        method=method,
        name=name,
        about=_about(handler.fn) or name,
        query=_query(handler.fn),
        takes=handler.opt.get("takes"),
        rule=rule.__name__ if rule else None,
    )


def _named(path: str, method: str, service: str) -> str:
    """`GetPotsId` for /api/funding/pots/{id}: no two addresses have the same."""
    parts = [part for part in path.split("/")[2:] if part not in ("api", service)]
    return "".join(
        word.capitalize() for word in [method, *re.findall(r"[A-Za-z]+", re.sub(r":\w+", "", "/".join(parts)))]
    )


def _about(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").split("\n")[0]


def _query(function: Any) -> dict[str, dict[str, Any]]:
    """What may stand behind the question mark, with its default."""
    found = {}
    for name, parameter in inspect.signature(function, eval_str=True).parameters.items():
        marks = getattr(parameter.annotation, "__metadata__", ())
        if any(isinstance(mark, QueryParameter) for mark in marks):
            kind = _TYPES.get(parameter.annotation.__origin__, "string")
            found[name] = {"type": kind, "default": parameter.default}
    return found


def openapi(service: str, municipality: str, described: Iterable[Operation]) -> dict[str, Any]:
    """The OpenAPI 3.1 document, with JSON Schemas made from commands and bodies."""
    listed = list(described)
    bodies = list({one.takes for one in listed if isinstance(one.takes, type)})
    schemas, components = msgspec.json.schema_components(bodies, ref_template="#/components/schemas/{name}")
    shapes = dict(zip(bodies, schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for one in listed:
        path = re.sub(r"\{(\w+):\w+\}", r"{\1}", one.path.replace("{municipality:str}", municipality))
        paths.setdefault(path, {})[one.method] = _operation(path, one, shapes)
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


def _operation(path: str, one: Operation, shapes: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"\{(\w+)\}", path)
    ]
    parameters += [{"name": name, "in": "query", "schema": schema} for name, schema in one.query.items()]
    parameters += [{"name": "Idempotency-Key", **_HEADER}] if one.rule else []
    parameters += [{"name": "If-Match", **_HEADER}] if one.conditional else []
    described = {
        "operationId": one.name,
        "summary": one.about,
        "parameters": parameters,
        "responses": {"200": {"description": "accepted" if one.method == "post" else "found"}}
        | {status: {"description": words} for status, words in _REFUSALS.items()},
    }
    if one.rule:
        described["x-rule"] = one.rule
    if one.takes:
        content = {one.takes: {}} if isinstance(one.takes, str) else {"application/json": {"schema": shapes[one.takes]}}
        described["requestBody"] = {"required": True, "content": content}
    return described
