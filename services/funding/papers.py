"""Papers of an application over HTTP: the decision's letter, and statements with receipts, which teams hand in."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath

from services.funding.domain.grant import SubmitProof
from services.funding.domain.verdict import LetterIssued
from services.funding.dossier import Dossier
from services.funding.filing import dossier
from services.funding.reading import may_read
from shared.category import NotFound
from shared.web.api import json_response
from shared.web.forms import Fault, Invalid
from shared.web.problems import Forbidden
from shared.web.visit import Visit

LARGEST = 10_000_000  # bytes
ROOM = LARGEST + 100_000  # with the other fields of a form


@get("/{municipality:str}/funding/applications/{id:str}/papers/{digest:str}")
async def read_paper(visit: NamedDependency[Visit], id: FromPath[str], digest: FromPath[str]) -> Response[bytes]:
    """A letter or statement that the log of this application names, for those who may read its file."""
    assert visit.town
    file = await dossier(visit.site.service, visit.town.id, id)
    await may_read(visit, file)
    letters = {one.event.digest for one in file.recorded if isinstance(one.event, LetterIssued)}
    if digest not in letters | file.statements():
        raise NotFound(digest)
    body = await visit.extra.read(visit.town.id, digest)
    if body is None:
        raise NotFound(digest)
    kind, name = ("text/plain", "bescheid.txt") if digest in letters else ("application/pdf", "nachweis.pdf")
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "private, no-store"}
    return Response(body, media_type=kind, headers=headers)


@post(
    "/{municipality:str}/api/funding/applications/{id:str}/papers",
    status_code=200,
    request_max_body_size=ROOM,
    takes="application/pdf",
    rule=SubmitProof,
)
async def keep_paper(
    visit: NamedDependency[Visit], request: Request[Any, Any, Any], id: FromPath[str]
) -> Response[bytes]:
    """Keeps a PDF for `submit-proof`: `{"digest"}`."""
    assert visit.town
    file = await dossier(visit.site.service, visit.town.id, id)
    await may_read(visit, file)
    if not await visit.may(SubmitProof, file.started.project_id):
        raise Forbidden(SubmitProof.__name__)
    return json_response({"digest": await visit.extra.keep(visit.town.id, _pdf(await request.body()))})


async def statement_of(visit: Visit, file: Dossier) -> str:
    """Keeps the statement of a posted form; its digest. Raises `Invalid`, `Forbidden`."""
    assert visit.town
    if not await visit.may(SubmitProof, file.started.project_id):
        raise Forbidden(SubmitProof.__name__)
    upload = (await visit.request.form()).get("statement")
    if not isinstance(upload, UploadFile):
        raise Invalid({"statement": Fault("missing")})
    digest: str = await visit.extra.keep(visit.town.id, _pdf(await upload.read()))
    return digest


def _pdf(body: bytes) -> bytes:
    if not body:
        raise Invalid({"statement": Fault("missing")})
    if len(body) > LARGEST:
        raise Invalid({"statement": Fault("file_too_big", {"megabytes": LARGEST // 1_000_000})})
    if not body.startswith(b"%PDF-"):
        raise Invalid({"statement": Fault("not_a_pdf")})
    return body


ROUTES = [read_paper, keep_paper]
