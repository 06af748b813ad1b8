"""The session's cookie and the token that guards its forms."""

import hmac
import ipaddress
import re
from hashlib import sha256
from urllib.parse import urlsplit

from msgspec import Struct

from shared.access.sessions import Session

_VALUE = re.compile(r"[A-Za-z0-9_-]{1,128}")


class Cookie(Struct, frozen=True):
    """How the session's cookie is called here, and whether it travels over https only."""

    name: str
    secure: bool

    def read(self, header: str) -> str | None:
        """The token in a `Cookie` header; the first one counts."""
        for pair in header.split(";"):
            name, _, value = pair.strip().partition("=")
            if name == self.name and _VALUE.fullmatch(value):
                return value
        return None

    def write(self, token: str, *, seconds: int | None = None) -> str:
        """The `Set-Cookie` header for `token`; without `seconds` it ends with the browser."""
        age = "" if seconds is None else f"; Max-Age={seconds}"
        return f"{self.name}={token}; Path=/; HttpOnly; SameSite=Lax{'; Secure' if self.secure else ''}{age}"

    def erase(self) -> str:
        return self.write("", seconds=0)


def cookie_for(public_url: str) -> Cookie:
    """The cookie of a deployment: `__Host-gw` under https, plain `gw` under http on loopback. Raises `ValueError`.

    `__Host-` (RFC 6265bis, 4.1.3) keeps other hosts of the same domain from planting a session.
    """
    url = urlsplit(public_url)
    if url.scheme == "https":
        return Cookie("__Host-gw", secure=True)
    if url.scheme == "http" and _is_loopback(url.hostname or ""):
        return Cookie("gw", secure=False)
    raise ValueError(f"sessions need https, except on loopback: {public_url}")


def csrf_token(session: Session) -> str:
    """What a form of this session must send along."""
    return hmac.new(bytes.fromhex(session.secret), b"csrf", sha256).hexdigest()


def csrf_fits(session: Session, token: str) -> bool:
    """Compares in constant time."""
    return hmac.compare_digest(csrf_token(session).encode(), token.encode("utf-8", "replace"))


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
