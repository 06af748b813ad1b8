"""What goes from a log into a bundle, and that whoever changes the log below the product is found."""

from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from msgspec.structs import replace

from shared.audit.bundle_reading import keys_of, part_of
from shared.audit.bundle_writing import bundle_pieces
from shared.audit.leaf import leaf_hash
from shared.audit.signer import Signer
from shared.audit.verify import Report, verify_bundle
from shared.audit.verify_faults import Fault
from shared.store import Entry, header_of
from shared.store.memory import MemoryStore
from tests.audit import logs


class Office:
    """A log with its signer, and somebody who may change everything in the database."""

    def __init__(self, folder: Any) -> None:
        self.store, self._file = MemoryStore(), folder / "bundle.zip"
        self.log = self.store._logs[logs.TOWN] = logs.entries()
        self.signer = Signer("funding", logs.HOST, self.store, folder / "signer", self._told)
        self.moved: list[tuple[str, int, int]] = []

    async def _told(self, subject: str, note: bytes) -> None:
        pass

    async def verified(self, stream: str = "") -> Report:
        """What a verifier says of the bundle that the office writes now, up to what it signed last."""
        signed = await self.signer.latest(logs.TOWN)
        part = await part_of(self.store, self.signer, signed, logs.TOWN, stream)
        keys = keys_of(self.signer, signed)
        with self._file.open("wb") as file:
            async for piece in bundle_pieces(logs.TOWN, [part], keys, logs.MADE, lambda *now: self.moved.append(now)):
                file.write(piece)
        return verify_bundle(self._file, self.signer.keys(logs.TOWN, 0))

    def positions(self) -> list[int]:
        lines = logs.unpacked(self._file.read_bytes())["funding/entries.tsv"].splitlines()
        return [int(line.partition(b'"position":')[2].partition(b",")[0]) for line in lines]


@pytest.fixture
def office(tmp_path):
    return Office(tmp_path)


def renewed(entry: Entry, **change: Any) -> Entry:
    """A changed entry with its hashes made anew."""
    changed = replace(entry, **change)
    if changed.body is not None:
        changed = replace(changed, body_digest=sha256(changed.body).digest())
    return replace(changed, leaf=leaf_hash(header_of(changed)))


async def test_a_whole_log_is_verified_up_to_what_was_signed(office):
    report = await office.verified()
    assert report.holds
    assert report.logs[0].redacted == (4,)
    assert office.moved[-1] == ("funding", 7, 7)
    office.log.append(renewed(office.log[0], position=8, version=4, recorded_at=office.log[-1].recorded_at))
    assert (await office.verified()).logs[0].entries == 7
    await office.signer.sign(logs.TOWN)
    assert (await office.verified()).logs[0].entries == 8


async def test_an_excerpt_has_a_stream_and_what_others_say_of_it(office):
    first = b'{"application_id":"a1","pot_id":"p","type":"ApplicationStarted"}'
    office.log[0] = renewed(office.log[0], body=first)
    office.log[5] = renewed(office.log[5], body=b'{"application_id":"a1","type":"MoneyReserved"}')
    office.log.append(renewed(office.log[5], position=8, version=2, body=b'{"application_id":"a2"}'))
    office.log[7] = renewed(office.log[7], recorded_at=office.log[6].recorded_at)
    report = await office.verified("application-a1")
    assert (report.holds, report.logs[0].whole, report.logs[0].size) == (True, False, 8)
    assert office.positions() == [1, 2, 3, 6]


@pytest.mark.parametrize(
    ("change", "code", "facts"),
    [
        (lambda log: log.__setitem__(2, replace(log[2], body=log[2].body.replace(b"300000", b"300001"))),
         "changed_body", {"position": 3}),
        (lambda log: log.__setitem__(1, replace(log[1], actor="p-8")), "changed_header", {"position": 2}),
        (lambda log: log.__setitem__(4, replace(log[4], recorded_at=log[4].recorded_at - timedelta(days=9))),
         "changed_header", {"position": 5}),
        (lambda log: log.__setitem__(4, renewed(log[4], recorded_at=log[3].recorded_at - timedelta(days=9))),
         "earlier_time", {"position": 5}),
        (lambda log: log.__setitem__(1, renewed(log[1], actor="p-8")), "forked", {"size": 7, "agreed": 0}),
        (lambda log: log.__setitem__(slice(2, 4), [log[3], log[2]]), "reordered_entry", {"position": 3}),
        (lambda log: log.pop(3), "missing_entry", {"position": 4}),
        (lambda log: log.pop(), "missing_end", {"size": 7, "entries": 6}),
    ],
    ids=["byte", "header", "back-dated", "back-dated anew", "anew", "swapped", "dropped", "cut"],
)  # fmt: skip
async def test_a_superuser_who_changes_the_log_is_found(office, change, code, facts):
    assert (await office.verified()).holds
    change(office.log)
    assert (await office.verified()).fault == Fault(code=code, service="funding", facts=facts)
