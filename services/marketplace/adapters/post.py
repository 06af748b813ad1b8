"""Mail goes out by SMTP; where no server is set, it is kept and shown on a page of this machine alone."""

import ssl
from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import localtime, make_msgid
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
from msgspec import Struct

_PATIENCE = 15.0  # seconds, for each step
_TLS_FIRST = 530  # RFC 3207: what a server says that takes nothing without STARTTLS
_STARTTLS = {"smtp": None, "smtp+tls": True, "smtps": False}


class Mail(Struct, frozen=True):
    """A letter; `at` is when it was sent, UTC."""

    to: str
    subject: str
    text: str
    at: datetime


class Post(Protocol):
    async def send(self, to: str, subject: str, text: str) -> None:
        """Raises `Undelivered`."""


class Undelivered(Exception):
    """No server has taken the letter. `code` says why, as a code of words."""

    code = "mail_not_sent"


class AddressRefused(Undelivered):
    """The server says that nobody has this address; another try would not help."""

    code = "address_refused"


class Smtp:
    """Sends through a mail server.

    `smtps://` speaks TLS from the first byte, `smtp+tls://` refuses to go on without STARTTLS, `smtp://` takes it where
    it is offered. A password goes over a line without TLS to this machine only. `trust` is for servers whose
    certificates the system does not know.
    """

    def __init__(self, url: str, sender: str, trust: ssl.SSLContext | None = None) -> None:
        self._url = urlsplit(url)
        if self._url.scheme not in _STARTTLS or not self._url.hostname:
            raise ValueError("a mail server is smtp://, smtp+tls:// or smtps://[user:password@]host[:port]")
        self._sender = sender
        self._trust = trust
        bare = self._url.scheme == "smtp" and self._url.hostname not in ("localhost", "127.0.0.1", "::1")
        self._start_tls = True if bare and self._url.password else _STARTTLS[self._url.scheme]

    async def send(self, to: str, subject: str, text: str) -> None:
        """Raises `AddressRefused`, and `Undelivered` for every other reason."""
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = self._sender, to, subject
        letter["Date"], letter["Message-ID"] = localtime(), make_msgid(domain=self._sender.rpartition("@")[2])
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(text)
        try:
            await aiosmtplib.send(
                letter,
                hostname=self._url.hostname,
                port=self._url.port,
                username=unquote(self._url.username) if self._url.username else None,
                password=unquote(self._url.password) if self._url.password else None,
                use_tls=self._url.scheme == "smtps",
                start_tls=self._start_tls,
                tls_context=self._trust,
                timeout=_PATIENCE,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            final = all(refusal.code >= 500 and refusal.code != _TLS_FIRST for refusal in error.recipients)
            raise AddressRefused(str(error)) if final else Undelivered(str(error)) from error
        except aiosmtplib.SMTPNotSupported as error:  # an address with letters that this server cannot write
            raise AddressRefused(str(error)) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise Undelivered(str(error)) from error


class Kept:
    """The last hundred letters, in memory: for a laptop and for tests. Each is also told to `tell`."""

    def __init__(self, tell: Callable[[Mail], None] = lambda mail: None) -> None:
        self.letters: list[Mail] = []
        self._tell = tell

    async def send(self, to: str, subject: str, text: str) -> None:
        mail = Mail(to, subject, text, datetime.now(UTC))
        self.letters = [*self.letters[-99:], mail]
        self._tell(mail)
