"""What a process is told from outside: read from the environment once, at its start."""

import hmac
from collections.abc import Mapping

from msgspec import Struct
from msgspec.structs import fields


class Missing(Exception):
    """A setting that has no default is not there."""


class Settings(Struct, frozen=True, kw_only=True):
    """The settings of one service or of the gateway.

    URLs of databases are those of the service's own. From `deployment_key`, 32 bytes in hex, the keys are derived that
    seal names and sign tickets. `signer` is a folder outside every database: in it lie the key that signs the logs and
    what was signed last. `mail` is an SMTP URL, or empty: then mail is kept and shown on a page.
    """

    service: str
    nats_url: str
    deployment_key: str
    signer: str = ""
    database_url: str = ""
    migrator_url: str = ""
    public_url: str = "http://127.0.0.1:8000"
    gateway_url: str = "ws://127.0.0.1:8001"
    host: str = "127.0.0.1"
    port: int = 8000
    mail: str = ""
    mail_from: str = "gemeinwerk@example.org"
    trusted_proxies: tuple[str, ...] = ()

    @property
    def ticket_seed(self) -> bytes:
        """The Ed25519 seed, 32 bytes, with which services sign tickets; the gateway checks them with its public key."""
        return hmac.digest(bytes.fromhex(self.deployment_key), b"tickets", "sha256")

    @property
    def secure(self) -> bool:
        return self.public_url.startswith("https://")


def settings_of(service: str, environ: Mapping[str, str]) -> Settings:
    """Settings of `service` from GEMEINWERK_… variables. Raises `Missing` naming the variable."""

    def need(name: str) -> str:
        if value := environ.get(name):
            return value
        raise Missing(f"{name} is not set")

    def database(role: str) -> str:
        return "" if service == "gateway" else need(f"GEMEINWERK_{service.upper()}_{role}_URL")

    defaults = {field.name: field.default for field in fields(Settings)}
    return Settings(
        service=service,
        nats_url=need("GEMEINWERK_NATS_URL"),
        deployment_key=need("GEMEINWERK_DEPLOYMENT_KEY"),
        signer="" if service == "gateway" else need("GEMEINWERK_SIGNER"),
        database_url=database("DATABASE"),
        migrator_url=database("MIGRATOR"),
        public_url=environ.get("GEMEINWERK_PUBLIC_URL", defaults["public_url"]),
        gateway_url=environ.get("GEMEINWERK_GATEWAY_URL", defaults["gateway_url"]),
        host=environ.get("GEMEINWERK_HOST", defaults["host"]),
        port=int(environ.get("GEMEINWERK_PORT", str(defaults["port"]))),
        mail=environ.get("GEMEINWERK_MAIL", ""),
        mail_from=environ.get("GEMEINWERK_MAIL_FROM", defaults["mail_from"]),
        trusted_proxies=tuple(filter(None, environ.get("GEMEINWERK_TRUSTED_PROXIES", "").split(","))),
    )
