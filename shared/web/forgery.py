"""Whether a changing request comes from our own pages: their origin and their token, or no cookie at all."""

from typing import Any

from litestar import Request

from shared.access.cookies import csrf_fits
from shared.access.sessions import Session
from shared.web.problems import Forbidden


def bearer(request: Request[Any, Any, Any]) -> str | None:
    """The access token of a program."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else None


async def refuse_forgery(request: Request[Any, Any, Any], session: Session | None, public_url: str) -> None:
    """A changing request must come from our own pages, or carry a token instead of a cookie. Raises `Forbidden`."""
    if bearer(request):
        return
    origin = request.headers.get("origin")
    if origin is not None and origin != public_url:
        raise Forbidden("foreign origin")
    if session is None:
        return
    sent = request.headers.get("x-csrf-token")
    if sent is None and "form" in request.headers.get("content-type", ""):
        sent = (await request.form()).get("csrf")
    if not isinstance(sent, str) or not csrf_fits(session, sent):
        raise Forbidden("csrf")
