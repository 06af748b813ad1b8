"""The web app of one service: its parts opened and closed with it, its refusals told in words, its answers guarded."""

from __future__ import annotations

import ipaddress
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import structlog
from litestar import Litestar, Request, Response
from litestar.config.compression import CompressionConfig
from litestar.di import Provide
from litestar.response import Redirect

from shared.access.cookies import cookie_for
from shared.access.directory import people, titles
from shared.access.limits import Limits
from shared.access.sessions import Sessions
from shared.audit.bundle_routes import Noted, bundle_routes, nobody_notes
from shared.audit.guard import Guarded
from shared.audit.nightly import every_night
from shared.audit.routes import audit_routes
from shared.audit.signer import Signer
from shared.bus.connection import connect
from shared.bus.documents import Documents
from shared.bus.jetstream import JetStreamBus
from shared.card import Card
from shared.fenced import Fenced, engine_of
from shared.installation import install_views
from shared.service import DEPLOYMENT, Service
from shared.settings import Missing, Settings
from shared.store import database
from shared.store.postgres import PostgresStore
from shared.web.described import describing
from shared.web.problems import Problem, problem_of
from shared.web.render import Renderer, security_headers
from shared.web.site import Site
from shared.web.strangers import Strangers
from shared.web.visit import Visit

log = structlog.get_logger()

LARGEST_BODY = 1_000_000  # bytes; uploads have routes with limits of their own

Extra = Callable[[Site], Any]


def web_app(
    card: Card, settings: Settings, handlers: Sequence[Any], extra: Extra | None = None, noted: Noted = nobody_notes
) -> Litestar:
    """The ASGI app of a service. `extra(site)` makes what only this service's handlers need: `visit.extra`.

    `noted` keeps who takes bundles or entries of the log.
    """

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with open_site(card, settings) as site:
            app.state.site = site
            app.state.extra = extra(site) if extra else None
            await site.service.start()
            _watch(site)
            yield

    headers = security_headers(settings.gateway_url, secure=settings.secure)
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def guard(message: Any, _scope: Any) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *raw]

    audited = [*audit_routes(card.name, noted), *bundle_routes(card.name, noted)]
    return Litestar(
        route_handlers=[*handlers, *audited, describing(card.name)],
        lifespan=[lifespan],
        dependencies={"visit": Provide(_visit)},
        exception_handlers={Exception: _refuse},
        before_send=[guard],
        compression_config=CompressionConfig(backend="brotli", brotli_quality=4, exclude=["/facts/stream", "[.]zip$"]),
        openapi_config=None,
        logging_config=None,
        request_max_body_size=LARGEST_BODY,
    )


@asynccontextmanager
async def open_site(card: Card, settings: Settings) -> AsyncIterator[Site]:
    """Opens the database, the bus and the access buckets of a service; closes them in turn.

    Brings the tables up to date where a migrator is set. Raises `NotDurable` on servers that could lose what they
    acknowledged, `Missing` without a place for the signing key, `Unreadable` where that is damaged.
    """
    if not settings.signer:
        raise Missing("GEMEINWERK_SIGNER is not set")
    async with AsyncExitStack() as stack:
        if settings.migrator_url:
            await database.migrate(settings.migrator_url)
            await install_views(settings.migrator_url, card.views, card.private)
        store = await PostgresStore.open(settings.database_url)
        stack.push_async_callback(store.close)
        engine = engine_of(settings.database_url)
        stack.push_async_callback(engine.dispose)
        fenced = await Fenced.open(settings.database_url)
        stack.push_async_callback(fenced.close)
        client, js = await connect(settings.nats_url, name=card.name)
        stack.push_async_callback(client.close)
        key = bytes.fromhex(settings.deployment_key)
        bus, host = JetStreamBus(client, js), urlsplit(settings.public_url).netloc
        signer = Signer(card.name, host, store, Path(settings.signer), bus.signal)
        await signer.examine()
        service = Service(card, Guarded(store, signer), engine, fenced, bus)
        stack.push_async_callback(service.stop)
        yield Site(
            service=service,
            settings=settings,
            sessions=await Sessions.open(client, js),
            cookie=cookie_for(settings.public_url),
            people=await people(js, key),
            titles=await titles(js, key),
            limits=await Limits.open(js),
            renderer=Renderer(),
            documents=await Documents.open(client, js),
            signer=signer,
            strangers=Strangers(service),
            proxies=tuple(ipaddress.ip_network(proxy) for proxy in settings.trusted_proxies),
        )


def _watch(site: Site) -> None:
    """Signs what is written, and hashes it anew every night."""

    async def towns() -> list[str]:
        return [DEPLOYMENT, *await service.municipalities()]

    service, signer = site.service, site.signer
    service.beside("sign", lambda: signer.run(towns))
    service.beside("hash anew", lambda: every_night(service.card.name, service.store, signer, towns))


async def _visit(request: Request[Any, Any, Any]) -> Visit:
    visit = await Visit.begin(request.app.state.site, request)
    visit.extra = request.app.state.extra
    request.state.visit = visit
    return visit


def _refuse(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """An error as problem+json for programs, as a page for people; who should sign in is sent there."""
    site: Site = request.app.state.site
    problem = problem_of(error)
    if problem is None:
        log.error("failed", path=request.url.path, error=repr(error)[:500], exc_info=error)
        problem = Problem(status=500, code="failed")
    if _for_program(request):
        return _as_json(site.renderer, problem, _language(request))
    if problem.status == 401 and request.method == "GET":
        return Redirect(f"/sign-in?next={request.url.path}", status_code=303)
    return _as_page(site, request, problem)


def _language(request: Request[Any, Any, Any]) -> str:
    """English for programs that ask for it first (RFC 9110, 12.5.4); German for everybody else."""
    return "en" if request.headers.get("accept-language", "").strip().lower().startswith("en") else "de"


def _for_program(request: Request[Any, Any, Any]) -> bool:
    return "/api/" in request.url.path or "application/json" in request.headers.get("accept", "")


def _as_json(renderer: Renderer, problem: Problem, language: str) -> Response[bytes]:
    body: dict[str, Any] = {
        "type": f"urn:gemeinwerk:problem:{problem.code}",
        "title": renderer.say(problem.code, problem.facts, language),
        "status": problem.status,
        "code": problem.code,
    }
    if problem.facts:
        body["facts"] = problem.facts
    if problem.faults:
        said = {name: renderer.say(fault.code, fault.facts, language) for name, fault in problem.faults.items()}
        body["errors"] = [
            {"field": name, "code": problem.faults[name].code, "detail": words} for name, words in said.items()
        ]
    headers = {"retry-after": str(problem.facts["seconds"])} if problem.status == 429 else {}
    return Response(
        msgspec.json.encode(body), status_code=problem.status, media_type="application/problem+json", headers=headers
    )


def _as_page(site: Site, request: Request[Any, Any, Any], problem: Problem) -> Response[str]:
    visit: Visit | None = getattr(request.state, "visit", None)
    return site.renderer.error_page(problem, visit.town if visit else None, request.url.path)
