"""Another history, signed with the stolen key; a true but shorter one; and excerpts that are not what was signed."""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from shared.audit.bundle import line_of
from shared.audit.leaf import leaf_hash
from shared.store import header_of
from tests.audit import logs
from tests.audit.cases import CHECKPOINT, ENTRIES, Case, Lines, at_funding, by_line, case, changed, in_line, swap
from tests.audit.logs import KEY, checkpoint, packed, part, unpacked


async def forks() -> list[Case]:
    """Another history, signed with the stolen key; and a true but shorter one."""
    log = logs.entries()
    other = [replace(entry, actor="p-8") if entry.position > 4 else entry for entry in log]
    other = [replace(entry, leaf=leaf_hash(header_of(entry))) for entry in other]
    fork = await logs.bundle_of(part(other))
    both = await logs.bundle_of(replace(part(other), earlier=[checkpoint(log[:3]), checkpoint(log[:6])]))
    later = await logs.bundle_of(replace(part(log[:5]), earlier=[checkpoint(log[:6])]))
    short = await logs.bundle_of(part(log[:5]))
    origin = {"file": "", "origin": "gemeinwerk.example/dresden/audit/events"}
    return [
        Case(name="fork_unasked", bundle=fork, keys=(KEY,)),
        Case(name="fork_same_size", bundle=fork, own=checkpoint(log), code="not_in_yours", **at_funding(size=7)),
        Case(name="fork_old_own", bundle=fork, own=checkpoint(log[:6]), code="not_in_yours", **at_funding(size=6)),
        Case(name="fork_agreed", bundle=fork, own=checkpoint(log[:4])),
        Case(name="fork_earlier", bundle=both, code="forked_earlier", **at_funding(size=6)),
        Case(name="earlier_longer", bundle=later, code="forked_earlier", **at_funding(size=6)),
        Case(name="fork_true_checkpoint", bundle=packed(unpacked(fork) | {CHECKPOINT: checkpoint(log).encode()}),
             code="forked", **at_funding(size=7, agreed=0)),
        Case(name="short_unasked", bundle=short),
        Case(name="short", bundle=short, own=checkpoint(log), code="older_than_yours", **at_funding(size=7, entries=5)),
        Case(name="own_of_another", bundle=short, own=checkpoint(log, "events"), code="wrong_origin", facts=origin),
    ]  # fmt: skip


async def excerpts(piece: bytes) -> list[Case]:
    def of(name: str, change: Callable[[Lines], Lines], code: str, **facts: Any) -> Case:
        return case(name, changed(piece, ENTRIES, by_line(change)), code, "funding", **facts)

    def proof(lines: Lines) -> Lines:
        return [*lines[:3], lines[3].rpartition(b"\t")[0] + b"\t" + lines[2].rpartition(b"\t")[2]]

    def none(lines: Lines) -> Lines:
        return [lines[0].rpartition(b"\t")[0] + b"\t\n", *lines[1:]]

    log = logs.entries()
    foreign = [replace(entry, leaf=bytes(32)) for entry in log]
    gap = {"position": 3, "stream": "application-a1"}
    return [
        of("excerpt_cent", in_line(3, swap("300000", "300001")), "changed_body", position=3),
        of("excerpt_proof", proof, "wrong_proof", position=6),
        of("excerpt_no_proof", none, "wrong_proof", position=1),
        of("excerpt_strange_proof", in_line(2, swap("=\n", "*\n")), "wrong_proof", position=2),
        of("excerpt_drop", lambda lines: [lines[0], *lines[2:]], "missing_version", **gap),
        of("excerpt_swap", lambda lines: [lines[0], lines[2], lines[1]], "missing_version", **gap),
        of("excerpt_last_first", lambda lines: [lines[3], *lines[:3]], "reordered_entry", position=1),
        of("excerpt_duplicate", lambda lines: [*lines, lines[3]], "duplicate_entry", position=6),
        Case(name="excerpt_own", bundle=piece, own=checkpoint(foreign), code="not_in_yours", **at_funding(size=7)),
        Case(name="excerpt_older", bundle=piece, own=checkpoint(logs.entries(count=8)), code="older_than_yours",
             **at_funding(size=8, entries=7)),
        case("excerpt_old_checkpoint", changed(piece, CHECKPOINT, lambda _: checkpoint(log[:5]).encode()),
              "wrong_proof", "funding", position=1),
        case("excerpt_beyond", await _beyond(), "old_checkpoint", "funding", size=5),
    ]  # fmt: skip


async def _beyond() -> bytes:
    """Proofs that fit the old checkpoint, and then an entry that it does not know."""
    log = logs.entries()
    old = await logs.bundle_of(logs.excerpt(log[:5], 1))
    return changed(old, ENTRIES, lambda text: text + line_of(log[5], []))
