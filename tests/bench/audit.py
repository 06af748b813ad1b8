"""A log of 100,000 entries as a bundle: how long it takes to write it, and to verify it without the server."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from zipfile import ZipFile

import msgspec

from deploy.embedded import start
from shared.audit.bundle_reading import keys_of, part_of
from shared.audit.bundle_writing import bundle_pieces
from shared.audit.notes import read_key
from shared.audit.signer import Signer
from shared.audit.verify import verify_bundle
from shared.ids import new_id
from shared.store import Batch, NewEvent, Store
from shared.store.postgres import PostgresStore
from tests.bench.rows import Row, Say, at_most
from tests.counter import create_service_database
from tests.infra import open_folder

ENTRIES, QUICK = 100_000, 10_000
_EXPORT, _VERIFY, _TIMES = 10_000, 5_000, 20  # ms, ms, times the hash of the same bytes
_RUNS = 3
_TOWN = "dresden"
_FORMS = Path(__file__).parents[1] / "contracts/forms/funding.jsonl"


async def measure(*, quick: bool, say: Say) -> list[Row]:
    """Rows `bundle_export bundle_verify`, in ms, and `bundle_verify_times` against SHA-256 of the same bytes."""
    entries = QUICK if quick else ENTRIES
    with open_folder() as folder, start(folder) as running:
        _, application = await create_service_database(running.infra, "bench")
        store = await PostgresStore.open(application)
        say(f"filling a log with {entries:,} entries")
        await _fill(store, entries)
        signer = Signer("funding", "gemeinwerk.example", store, folder / "signer", _nobody)
        say("export")
        exported = await _export(store, signer, folder / "bundle.zip")
        await store.close()
        say("verify")
        verified, work, hashing = _verify(signer, folder / "bundle.zip", entries)
    scale = ENTRIES / entries
    return [
        at_most("bundle_export", scale * exported, _EXPORT),
        at_most("bundle_verify", scale * verified, _VERIFY),
        Row(
            id="bundle_verify_times", figure=work, peer=hashing, ratio=work / hashing, bar=_TIMES,
            holds=work <= _TIMES * hashing,
        ),
    ]  # fmt: skip


async def _fill(store: Store, entries: int) -> None:
    """Every form that funding stores, in turn, in streams of ten."""
    forms = [msgspec.json.decode(line) for line in _FORMS.read_bytes().splitlines()]
    for first in range(0, entries, 500):
        chosen = [forms[number % len(forms)] for number in range(first, first + 500)]
        await _append(store, [(form["type"], form["form"], form["body"].encode()) for form in chosen])


async def _append(store: Store, stored: Sequence[tuple[str, int, bytes]]) -> None:
    streams = tuple(f"application-{new_id()}" for _ in range(len(stored) // 10))
    project, person = new_id(), new_id()
    batch = Batch(
        municipality=_TOWN,
        actor=person,
        command_id=new_id(),
        digest=b"",
        streams=streams,
        expected=(0,) * len(streams),
        events=tuple(NewEvent(at // 10, new_id(), project, *form) for at, form in enumerate(stored)),
    )
    async with store.work() as work:
        await work.append(batch)


async def _export(store: Store, signer: Signer, file: Path) -> float:
    began = time.perf_counter()
    signed = await signer.sign(_TOWN)
    part = await part_of(store, signer, signed, _TOWN)
    made_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    with file.open("wb") as to:
        async for piece in bundle_pieces(_TOWN, [part], keys_of(signer, signed), made_at):
            to.write(piece)
    return 1000 * (time.perf_counter() - began)


def _verify(signer: Signer, file: Path, entries: int) -> tuple[float, float, float]:
    """The best of some runs: how long verifying takes, and of what the processor did, that and SHA-256 in turn."""
    with ZipFile(file) as bundle:
        unpacked = b"".join(bundle.read(name) for name in bundle.namelist())
    keys = [read_key(key.text) for key in signer.keyring.keys(signer.origin(_TOWN))]
    times = []
    for _ in range(_RUNS):
        began, busy = time.perf_counter(), time.process_time()
        report = verify_bundle(file, keys)
        took, worked = time.perf_counter() - began, time.process_time() - busy
        assert report.holds
        assert report.logs[0].entries == entries
        busy = time.process_time()
        sha256(unpacked).digest()
        times.append((took, worked, time.process_time() - busy))
    verified, work, hashing = (1000 * min(column) for column in zip(*times, strict=True))
    return verified, work, hashing


async def _nobody(subject: str, note: bytes) -> None:
    """There is no bus to tell."""
