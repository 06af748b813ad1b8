"""A real mail server for tests, in the test's own loop, that takes what its settings say."""

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec


class Mailbox:
    """What has arrived. Addresses at refused.example are unknown, those at busy.example have to wait."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.encrypted: list[bool] = []

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.endswith("@refused.example"):
            return "550 5.1.1 nobody here has this address"
        if address.endswith("@busy.example"):
            return "451 4.7.1 come again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        letter = BytesParser(policy=default).parsebytes(envelope.content)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        self.encrypted.append(session.ssl is not None)
        return "250 OK"


def _knows(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=data == LoginPassword(b"gemeinwerk", b"geheim:/@"), handled=False)


@asynccontextmanager
async def mailserver(tls: ssl.SSLContext | None = None, **settings: Any) -> AsyncIterator[tuple[Mailbox, int]]:
    """The mailbox and the port of a server on 127.0.0.1; `settings` are those of aiosmtpd."""
    box, loop = Mailbox(), asyncio.get_running_loop()

    def connected() -> SMTP:
        return SMTP(box, hostname="mail.example", tls_context=tls, authenticator=_knows, **settings)

    server = await loop.create_server(connected, "127.0.0.1", 0)
    try:
        yield box, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        await server.wait_closed()


def certificates(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """What a server shows for 127.0.0.1, and what a client has to trust to believe it."""
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now, here = datetime.now(UTC), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    builder = x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
    builder = builder.serial_number(1).not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
    builder = builder.add_extension(x509.SubjectAlternativeName([here]), critical=True)
    signed = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (file := folder / "server.pem").write_bytes(private + signed)
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cadata=signed.decode())
