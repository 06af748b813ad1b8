"""Papers of an application over HTTP: its attachments, the decision's letter, statements and receipts of its proof."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from msgspec import to_builtins

from services.funding.domain.attachment import AddAttachment, Paper
from services.funding.domain.grant import SubmitProof
from services.funding.dossier import Dossier
from services.funding.filing import dossier, place_in
from services.funding.reading import may_read
from services.funding.uploads import LARGEST, MEDIA, kind_of, paper_kind
from shared.category import NotFound
from shared.ids import new_id
from shared.message import Command
from shared.web.api import Accepted, json_response
from shared.web.forms import Fault, Invalid, is_key
from shared.web.problems import Forbidden
from shared.web.visit import Visit

MOST_SCANS = 20
ROOM = LARGEST + 100_000  # with the other fields of a form
ROOMY = 3 * LARGEST  # a statement with its receipts
_SAFE = {
    "cache-control": "private, no-store",
    "content-security-policy": "default-src 'none'; sandbox",  # whatever a reader does with it, nothing in it runs
    "cross-origin-resource-policy": "same-origin",
}


@get("/{municipality:str}/funding/applications/{id:str}/papers/{digest:str}")
async def read_paper(visit: NamedDependency[Visit], id: FromPath[str], digest: FromPath[str]) -> Response[bytes]:
    """A paper that the log of this application names, for those who may read its file; always as a download."""
    assert visit.town
    file = await dossier(visit.site.service, visit.town.id, id)
    await may_read(visit, file)
    if (name := file.papers().get(digest)) is None:
        raise NotFound(digest)
    body = await visit.extra.papers.read(visit.town.id, digest)
    if body is None:
        raise NotFound(digest)
    kind = kind_of(body)
    media, ending = (MEDIA[kind], kind.replace("jpeg", "jpg")) if kind else ("text/plain", "txt")
    headers = {"content-disposition": f'attachment; filename="{name}.{ending}"', **_SAFE}
    return Response(body, media_type=media, headers=headers)


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
    """Keeps a PDF, PNG or JPEG for `submit-proof`: `{"digest", "kind", "size"}`."""
    file = await _own_file(visit, id, SubmitProof)
    return json_response(to_builtins(await _kept(visit, file, await request.body(), "statement")))


@post(
    "/{municipality:str}/api/funding/applications/{id:str}/attachments",
    status_code=200,
    request_max_body_size=ROOM,
    takes="application/pdf",
    rule=AddAttachment,
)
async def attach(
    visit: NamedDependency[Visit],
    request: Request[Any, Any, Any],
    id: FromPath[str],
    attachment_id: FromQuery[str] = "",
    document: FromQuery[str] = "",
) -> Response[bytes]:
    """Adds a PDF, PNG or JPEG to a draft or a correction; what it is is seen from its bytes."""
    file = await _own_file(visit, id, AddAttachment)
    command = await _adding(visit, file, await request.body(), attachment_id, document)
    place = await place_in(visit, "application", file)
    handled = await visit.act("application", place, command, command_id=request.headers.get("idempotency-key"))
    answer = to_builtins(Accepted(handled.answer.position, handled.answer.versions[0]))
    return json_response(answer | {"attachment_id": command.attachment_id, "digest": command.digest})


async def attachment_of(visit: Visit, file: Dossier) -> AddAttachment:
    """Keeps the file of a posted form; the command that adds it. Raises `Invalid`, `Forbidden`."""
    await _may(visit, file, AddAttachment)
    typed = await visit.form()
    body = await _posted(visit, "file")
    return await _adding(visit, file, body, typed.get("attachment_id", ""), typed.get("document", ""))


async def statement_of(visit: Visit, file: Dossier) -> tuple[str, list[Paper]]:
    """Keeps statement and receipts of a posted form: digest of the one, the others. Raises `Invalid`, `Forbidden`."""
    await _may(visit, file, SubmitProof)
    statement = await _kept(visit, file, await _posted(visit, "statement"), "statement", pictures=False)
    uploads = (await visit.request.form()).getall("scans", [])
    scans = [body for one in uploads if isinstance(one, UploadFile) and (body := await one.read())]
    if len(scans) > MOST_SCANS:
        raise Invalid({"scans": Fault("too_many_files", {"most": MOST_SCANS})})
    return statement.digest, [await _kept(visit, file, body, "scans") for body in scans]


async def _own_file(visit: Visit, id: str, command: type[Command]) -> Dossier:
    assert visit.town
    file = await dossier(visit.site.service, visit.town.id, id)
    await may_read(visit, file)
    await _may(visit, file, command)
    return file


async def _may(visit: Visit, file: Dossier, command: type[Command]) -> None:
    if not await visit.may(command, file.started.project_id):
        raise Forbidden(command.__name__)


async def _posted(visit: Visit, field: str) -> bytes:
    upload = (await visit.request.form()).get(field)
    return await upload.read() if isinstance(upload, UploadFile) else b""


async def _kept(visit: Visit, file: Dossier, body: bytes, field: str, *, pictures: bool = True) -> Paper:
    assert visit.town
    kind = paper_kind(body, field, pictures=pictures)
    return Paper(digest=await visit.extra.papers.keep(visit.town.id, body), kind=kind, size=len(body))


async def _adding(visit: Visit, file: Dossier, body: bytes, id: str, document: str) -> AddAttachment:
    if id and not is_key(id):
        raise Invalid({"attachment_id": Fault("wrong_form")})
    if document and not is_key(document):
        raise Invalid({"document": Fault("wrong_form")})
    paper = await _kept(visit, file, body, "file")
    return AddAttachment(
        attachment_id=id or new_id(), digest=paper.digest, kind=paper.kind, size=paper.size, document=document
    )


ROUTES = [read_paper, keep_paper, attach]
