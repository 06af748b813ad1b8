"""Small logs with everything that can be in one, always the same to the byte, and bundles of them."""

import io
import zipfile
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from msgspec.structs import replace

from shared.audit.bundle_writing import Part, bundle_pieces
from shared.audit.leaf import leaf_hash
from shared.audit.merkle import inclusion_proof, root_of
from shared.audit.notes import WITNESS, Checkpoint, Note, cosign, key_of, sign
from shared.store import Entry, header_of

SEED, WITNESS_SEED, FOREIGN_SEED = b"\x01" * 32, b"\x02" * 32, b"\x03" * 32
HOST, TOWN = "gemeinwerk.example", "dresden"
KEY = key_of(SEED, f"{HOST}/{TOWN}/audit/funding")
PLANNING_KEY = key_of(SEED, f"{HOST}/{TOWN}/audit/planning")
WITNESS_KEY = key_of(WITNESS_SEED, "rechnungshof.example", WITNESS)
FOREIGN_KEY = key_of(FOREIGN_SEED, KEY.name)
KEYS = [KEY.text, PLANNING_KEY.text, WITNESS_KEY.text]
MADE = "2026-03-31T08:00:00Z"
_BEGAN = datetime(2026, 3, 2, 18, 30, tzinfo=UTC)
_SEEN = 1774944000
_DIGEST = sha256(b"Finanzplan als PDF").hexdigest()

BODIES = (
    '{"application_id":"a1","type":"ApplicationStarted"}',
    f'{{"attachment_id":"f1","digest":"{_DIGEST}","document":"Finanzplan","type":"AttachmentAdded"}}',
    '{"amount_cents":300000,"reason":"Bänke – 3.000 € für alle 🌳","type":"DecisionConfirmed"}',
    '{"place":"Café","type":"PlaceNamed"}',
    '{"place":"Cafe\u0301","type":"PlaceNamed"}',
    '{"amount_cents":9007199254740991,"type":"MoneyAdded"}',
    '{"application_id":"a2","type":"ApplicationStarted"}',
)
STREAMS = ("application-a1", "application-a1", "application-a1", "place-b", "place-b", "pot-p", "application-a2")


def entries(service: str = "funding", count: int = len(BODIES)) -> list[Entry]:
    """A log of `count` entries; its fourth is redacted, its fifth has a sealed part."""
    versions: dict[str, int] = {}
    found = []
    for position in range(1, count + 1):
        number = (position - 1) % len(BODIES)
        stream = STREAMS[number] + ("" if position <= len(BODIES) else f"-{(position - 1) // len(BODIES)}")
        versions[stream] = versions.get(stream, 0) + 1
        body, sealed = BODIES[number].encode(), b"\x00\xff sealed" if number == 4 else None
        entry = Entry(
            municipality=TOWN,
            position=position,
            stream=stream,
            version=versions[stream],
            event_id=f"018f3c1e-7a00-7000-8000-{position:012x}",
            project="018f3c1e-7a00-7000-8000-00000000000f" if number < 3 else "",
            type=BODIES[number].rpartition('"type":"')[2].rstrip('"}'),
            form=1,
            body=None if number == 3 else body,
            sealed=sealed,
            actor="p-7",
            on_behalf_of="",
            cause="",
            correlation=f"{service}-{position}",
            recorded_at=_BEGAN + timedelta(microseconds=position),
            body_digest=sha256(body).digest(),
            sealed_digest=sha256(sealed).digest() if sealed else b"",
            leaf=b"",
        )
        found.append(replace(entry, leaf=leaf_hash(header_of(entry))))
    return found


def checkpoint(
    log: Sequence[Entry], service: str = "funding", seed: bytes = SEED, *, end: str = "", witnessed: bool = True
) -> str:
    """The signed note over a log as long as it is; `end` of its name, where it was recovered."""
    found = Checkpoint(f"{HOST}/{TOWN}/audit/{service}{end}", len(log), root_of(entry.leaf for entry in log))
    lines = [sign(found.text, seed, found.origin)]
    lines += [cosign(found.text, WITNESS_SEED, WITNESS_KEY.name, _SEEN)] if witnessed else []
    return Note(found.text, tuple(lines)).render()


async def one_by_one(log: Sequence[Entry]) -> AsyncIterator[Entry]:
    for entry in log:
        yield entry


def signed(text: str) -> str:
    return Note(text, (sign(text, SEED, KEY.name),)).render()


def part(log: Sequence[Entry], service: str = "funding", end: str = "") -> Part:
    """A whole log without earlier checkpoints."""
    return Part(service=service, checkpoint=checkpoint(log, service, end=end), entries=one_by_one(log))


def whole(service: str, log: Sequence[Entry]) -> Part:
    """A whole log with two earlier checkpoints."""
    earlier = [checkpoint(log[:size], service, witnessed=False) for size in (3, 6)]
    return replace(part(log, service), earlier=earlier)


def excerpt(log: Sequence[Entry], *positions: int, streams: tuple[str, ...] = ()) -> Part:
    leaves = [entry.leaf for entry in log]

    async def prove(index: int) -> list[bytes]:
        return inclusion_proof(leaves, index)

    chosen = one_by_one([log[position - 1] for position in positions])
    return Part(service="funding", checkpoint=checkpoint(log), entries=chosen, prove=prove, streams=streams)


async def bundle_of(*parts: Part) -> bytes:
    return b"".join([piece async for piece in bundle_pieces(TOWN, parts, KEYS, MADE)])


async def bundle() -> bytes:
    """The bundle of the golden file: two whole logs."""
    return await bundle_of(whole("funding", entries()), whole("planning", entries("planning", 9)))


async def small_excerpt() -> bytes:
    """One application with its proofs, and what the pot says of it."""
    return await bundle_of(excerpt(entries(), 1, 2, 3, 6, streams=("application-a1",)))


async def example() -> bytes:
    """The bundle that the page on the format explains."""
    log = entries(count=3)
    unseen = replace(part(log), checkpoint=checkpoint(log, witnessed=False))
    return b"".join([piece async for piece in bundle_pieces(TOWN, [unseen], [KEY.text], MADE)])


def unpacked(bundle: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(bundle)) as found:
        return {name: found.read(name) for name in found.namelist()}


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip with all sums right, as somebody makes who knows what they do."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as into:
        for name, text in files.items():
            into.writestr(zipfile.ZipInfo(name), text, method)
    return file.getvalue()
