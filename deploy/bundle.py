"""`gemeinwerk bundle`: writes the logs of a municipality, or what belongs to one application, into one file."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path

from deploy import services
from deploy.embedded import Infra, start
from deploy.secrets import kept_in, signer_in
from shared.audit.bundle_reading import keys_of, part_of
from shared.audit.bundle_writing import Part, bundle_pieces
from shared.audit.signer import Signer
from shared.settings import Settings, settings_of
from shared.store.postgres import PostgresStore

Say = Callable[[str], None]


class NothingSigned(Exception):
    """There is no log to write."""


def bundle_data(data: Path, town: str, names: Sequence[str], stream: str, to: Path, say: Say) -> None:
    """Writes a bundle of the data of `gemeinwerk up`, which must not run meanwhile. Raises `NothingSigned`."""
    with start(data) as running:
        asyncio.run(_of_data(running.infra, data, town, names, stream, to, say))


def bundle_services(
    environ: Mapping[str, str], town: str, names: Sequence[str], stream: str, to: Path, say: Say
) -> None:
    """Writes a bundle of services whose settings stand in the environment, while they run. Raises `NothingSigned`."""
    settings = {name: settings_of(name, environ) for name in names}
    asyncio.run(write(settings, town, stream, to, say))


async def _of_data(infra: Infra, data: Path, town: str, names: Sequence[str], stream: str, to: Path, say: Say) -> None:
    kept = kept_in(data)
    settings = await services.settings_for(
        infra.postgres_url,
        infra.nats_url,
        password=kept.database_password,
        deployment_key=kept.deployment_key,
        signer=signer_in(data),
        public_url="http://127.0.0.1",
        gateway_url="ws://127.0.0.1",
    )
    await write({name: settings[name] for name in names}, town, stream, to, say)


async def write(settings: Mapping[str, Settings], town: str, stream: str, to: Path, say: Say) -> None:
    """Writes the logs of `town`, of the services that have signed one, up to their last checkpoints.

    With `stream` an excerpt. Raises `NothingSigned`.
    """
    parts: list[Part] = []
    keys: dict[str, None] = {}  # in order, each once
    async with AsyncExitStack() as stack:
        for name, of in settings.items():
            store = await PostgresStore.open(of.database_url)
            stack.push_async_callback(store.close)
            signer = Signer(name, "", store, Path(of.signer), _nobody)
            if signed := signer.known(town):
                parts.append(await part_of(store, signer, signed, town, stream))
                keys |= dict.fromkeys(keys_of(signer, signed))
        if not parts:
            raise NothingSigned(f"nothing of {town} was signed yet")
        made_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        unfinished = to.with_name(f"{to.name}.part")
        with unfinished.open("wb") as file:
            async for piece in bundle_pieces(town, parts, list(keys), made_at, _told(say)):
                file.write(piece)
        unfinished.replace(to)


def _told(say: Say) -> Callable[[str, int, int], None]:
    return lambda service, done, of: say(f"{service}: {done:,} of {of:,}")


async def _nobody(subject: str, note: bytes) -> None:
    """Nothing is signed here, so there is nothing to tell."""
