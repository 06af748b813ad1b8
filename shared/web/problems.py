"""Every refusal as an answer: the only place that knows status codes. RFC 9457 for the API, the same words on pages."""

from typing import Any

import asyncpg
import sqlalchemy as sa
from msgspec import Struct

from shared.audit.guard import Halted
from shared.category import NotFound
from shared.decider import Rejected
from shared.store import CommandReused, Conflict
from shared.store.codec import NotCanonical
from shared.web.forms import Fault, Invalid


class Forbidden(Exception):
    """This person may not do this here."""


class SignInNeeded(Exception):
    """Nobody is signed in, and somebody has to be."""


class TooMany(Exception):
    """A rate limit holds; `wait` seconds."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"{wait:.0f} s")
        self.wait = wait


class Unavailable(Exception):
    """The log cannot be written now; nothing was stored."""


class Problem(Struct, frozen=True, kw_only=True):
    """A refusal: its status code, the code of its words, what fills them, and faults by field."""

    status: int
    code: str
    facts: dict[str, Any] = {}
    faults: dict[str, Fault] = {}


def problem_of(error: Exception) -> Problem | None:
    """The problem that an error stands for; None for one that nobody expected."""
    match error:
        case Invalid(faults=faults):
            return Problem(status=400, code="invalid", faults=faults)
        case NotCanonical():
            return Problem(status=400, code="not_canonical", facts={"reason": str(error)})
        case SignInNeeded():
            return Problem(status=401, code="sign_in_needed")
        case Forbidden():
            return Problem(status=403, code="forbidden")
        case NotFound():
            return Problem(status=404, code="not_found")
        case Rejected(code=code, facts=facts):
            return Problem(status=409, code=code, facts=facts)
        case Conflict(expected=expected, present=present):
            return Problem(status=412, code="somebody_was_faster", facts={"expected": expected, "present": present})
        case CommandReused():
            return Problem(status=422, code="command_reused")
        case TooMany(wait=wait):
            return Problem(status=429, code="too_many", facts={"seconds": round(wait) or 1})
        case Halted():
            return Problem(status=503, code="log_halted")
        case Unavailable() | ConnectionError() | TimeoutError():
            return Problem(status=503, code="unavailable")
    return _of_library(error)


def _of_library(error: Exception) -> Problem | None:
    """Errors of the framework and the database driver, by what they mean for the caller."""
    status = getattr(error, "status_code", None)
    if status is not None:
        codes = {404: "not_found", 405: "method_not_allowed", 413: "too_big", 400: "invalid", 401: "sign_in_needed"}
        return Problem(status=status, code=codes.get(status, "invalid")) if status < 500 else None
    state = str(getattr(error, "sqlstate", None) or getattr(getattr(error, "orig", None), "sqlstate", "") or "")
    lost = isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError | sa.exc.InterfaceError)
    if lost or state[:2] in {"08", "53", "57"}:  # connection, resources (disk full), shut down
        return Problem(status=503, code="unavailable")
    return None
