"""Sign-in codes: six digits for one address, ten minutes, five tries, one use. Pure; the caller keeps the row.

The row is locked, judged and written back in one transaction, whatever the verdict: the tries are counted in it.
"""

import hmac
import secrets
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

LIFE = timedelta(minutes=10)
TRIES = 5

Verdict: TypeAlias = Literal["right", "wrong", "expired", "spent", "blocked"]


class Code(Struct, frozen=True, kw_only=True):
    """What is kept of a code. `salt` and `digest` are hex; the digits themselves are only in the mail."""

    salt: str
    digest: str
    expires: datetime
    attempts: int = 0
    spent: bool = False


def issue(key: bytes, purpose: str, now: datetime) -> tuple[str, Code]:
    """Six random digits and their row. `key` is the deployment's: a stolen row alone cannot be searched through.

    `purpose` binds the row to what it is for, as `sign-in/<account>`.
    """
    digits, salt = f"{secrets.randbelow(10**6):06d}", secrets.token_hex(16)
    return digits, Code(salt=salt, digest=_digest(key, purpose, salt, digits), expires=now + LIFE)


def judge(key: bytes, purpose: str, row: Code, typed: str, now: datetime) -> tuple[Verdict, Code]:
    """The verdict on what somebody typed, and the row to store in its place. Blanks between the digits are ignored."""
    if row.spent:
        return "spent", row
    if now >= row.expires:
        return "expired", row
    if row.attempts >= TRIES:
        return "blocked", row
    tried = replace(row, attempts=row.attempts + 1)
    if hmac.compare_digest(_digest(key, purpose, row.salt, "".join(typed.split())), row.digest):
        return "right", replace(tried, spent=True)
    return "wrong", tried


def _digest(key: bytes, purpose: str, salt: str, digits: str) -> str:
    return hmac.new(key, f"code/{purpose}/{salt}/{digits}".encode("utf-8", "replace"), sha256).hexdigest()
