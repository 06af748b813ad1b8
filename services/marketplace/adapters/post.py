"""Mail goes out by SMTP; where no server is set, it is kept and shown on a page of this machine alone."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib
from msgspec import Struct


class Mail(Struct, frozen=True):
    """A letter; `at` is when it was sent, UTC."""

    to: str
    subject: str
    text: str
    at: datetime


class Post(Protocol):
    async def send(self, to: str, subject: str, text: str) -> None: ...


class Smtp:
    """Sends through `smtp[s]://user:password@host:port`; STARTTLS where the server offers it."""

    def __init__(self, url: str, sender: str) -> None:
        self._url = urlsplit(url)
        self._sender = sender

    async def send(self, to: str, subject: str, text: str) -> None:
        """Raises `aiosmtplib.SMTPException` where the server does not take the letter."""
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = self._sender, to, subject
        letter["Auto-Submitted"] = "auto-generated"
        letter.set_content(text)
        await aiosmtplib.send(
            letter,
            hostname=self._url.hostname,
            port=self._url.port,
            username=unquote(self._url.username) if self._url.username else None,
            password=unquote(self._url.password) if self._url.password else None,
            use_tls=self._url.scheme == "smtps",
            timeout=20,
        )


class Kept:
    """The last hundred letters, in memory: for a laptop and for tests. Each is also told to `tell`."""

    def __init__(self, tell: Callable[[Mail], None] = lambda mail: None) -> None:
        self.letters: list[Mail] = []
        self._tell = tell

    async def send(self, to: str, subject: str, text: str) -> None:
        mail = Mail(to, subject, text, datetime.now(UTC))
        self.letters = [*self.letters[-99:], mail]
        self._tell(mail)
