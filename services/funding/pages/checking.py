"""Public pages on which anybody checks a bundle of the log, and reads how to write a program that does."""

from base64 import b64encode
from hashlib import sha256
from typing import Any

import jinja2
from litestar import MediaType, Response, get
from litestar.di import NamedDependency

from services.funding.filing import dossier
from services.funding.looking import looked
from shared.audit.example import example, example_bundle, program
from shared.web.assets import Assets
from shared.web.visit import Visit

_OFFLINE = "gemeinwerk-pruefen.html"


@get("/{municipality:str}/audit/verify")
async def verify(visit: NamedDependency[Visit]) -> Response[Any]:
    return await visit.page("verify.html", "Ein Bündel prüfen", nav="decisions")


@get("/{municipality:str}/audit/verify/offline")
async def offline(visit: NamedDependency[Visit]) -> Response[Any]:
    """The same page as one file to keep: script and style inside, and a policy that lets it fetch nothing."""
    page = offline_page(visit.site.renderer.assets)
    return Response(page, media_type=MediaType.HTML, headers=_attachment(_OFFLINE))


@get("/{municipality:str}/audit/format")
async def format(visit: NamedDependency[Visit]) -> Response[Any]:
    context: dict[str, Any] = {"example": example(), "program": program()}
    return await visit.page("format.html", "Das Format der Prüfbündel", nav="decisions", **context)


@get("/{municipality:str}/audit/format/example.zip")
async def example_file(visit: NamedDependency[Visit]) -> Response[bytes]:
    return Response(example_bundle(), media_type="application/zip", headers=_attachment("beispiel.zip"))


async def bundle_taken(visit: Visit, stream: str) -> None:
    """Notes that somebody in office takes the log along, or what belongs to one application."""
    assert visit.town
    category, _, id = stream.partition("-")
    if category != "application":
        await looked(visit, "log", stream or "funding", "bundle")
        return
    file = await dossier(visit.site.service, visit.town.id, id)
    await looked(visit, "application", id, "bundle", version=file.version, project=file.started.project_id)


def offline_page(assets: Assets) -> str:
    """The verifier's page in one file."""
    loader = jinja2.PackageLoader("services.funding", "templates")
    environment = jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined)
    found = assets.plain(assets.url("verify.js"))
    assert found
    script = found[1].decode()
    style = (loader.get_source(environment, "offline.css")[0]).strip()
    # An element of script or style ends where such a text stands, whatever the language in it thinks.
    assert "</script" not in script
    assert "</style" not in style
    policy = f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'"
    return environment.get_template("offline.html").render(script=script, style=style, policy=policy)


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"


def _attachment(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}"'}


ROUTES = [verify, offline, format, example_file]
