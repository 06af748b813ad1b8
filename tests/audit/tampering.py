"""What somebody could do to a bundle, each with the fault that both verifiers have to name."""

import zipfile
from collections.abc import Callable
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from shared.audit.bundle import line_of
from shared.audit.leaf import leaf_hash
from shared.audit.notes import Key
from shared.store import Entry, header_of
from tests.audit import logs
from tests.audit.logs import FOREIGN_KEY, FOREIGN_SEED, KEY, WITNESS_KEY, checkpoint, packed, part, unpacked

MANIFEST, KEYS = "bundle.json", "keys.txt"
ENTRIES, CHECKPOINT, ATTACHMENTS = "funding/entries.tsv", "funding/checkpoint.txt", "funding/attachments.txt"
EARLIER_6 = "funding/earlier/6.txt"

Change = Callable[[bytes], bytes]
Lines = list[bytes]


class Case(Struct, frozen=True, kw_only=True):
    """A bundle, what is given to the verifier with it, and the fault it has to name; no code where all holds."""

    name: str
    bundle: bytes
    code: str = ""
    service: str = ""
    facts: dict[str, Any] = {}
    keys: tuple[Key, ...] = ()
    own: str = ""


async def corpus() -> list[Case]:
    good, piece = await logs.bundle(), await logs.small_excerpt()
    return [
        *await _sound(good, piece),
        *_files(good),
        *_checkpoints(good),
        *_entries(good),
        *_renewed(good),
        *await _forks(good),
        *await _excerpts(piece),
    ]


async def _sound(good: bytes, piece: bytes) -> list[Case]:
    log = logs.entries()
    return [
        Case(name="sound", bundle=good),
        Case(name="sound_key", bundle=good, keys=(KEY,)),
        Case(name="sound_witness", bundle=good, keys=(WITNESS_KEY,)),
        Case(name="sound_recovered", bundle=await logs.bundle_of(part(log, "funding", "/recovery-2")), keys=(KEY,)),
        Case(name="sound_own", bundle=good, keys=(KEY,), own=checkpoint(log[:3])),
        Case(name="sound_own_text", bundle=good, own=checkpoint(log).partition("\n\n")[0] + "\n"),
        Case(name="sound_stored", bundle=packed(unpacked(good), zipfile.ZIP_STORED)),
        Case(name="sound_redacted", bundle=_with(good, ENTRIES, _swap(logs.BODIES[6] + "\t", "\t"))),
        Case(name="sound_excerpt", bundle=piece, keys=(KEY,), own=checkpoint(log)),
        Case(name="sound_excerpt_not_compared", bundle=piece, own=checkpoint(log[:3])),
        Case(name="sound_empty", bundle=await logs.bundle_of(part([]))),
    ]


def _files(good: bytes) -> list[Case]:
    files = unpacked(good)
    plain = packed(files, zipfile.ZIP_STORED)
    twice = packed({**files, "copy.txt": b"a", "kopy.txt": b"b"}).replace(b"copy.txt", b"kopy.txt")
    return [
        _case("no_zip", b"Sehr geehrte Damen und Herren", "unreadable"),
        _case("nothing", b"", "unreadable"),
        _case("two_of_a_name", twice, "unreadable"),
        _case("cut", good[:-30], "truncated"),
        _case("half", good[: len(good) // 2], "truncated"),
        _case("no_manifest", _without(files, MANIFEST), "missing_file", file=MANIFEST),
        _case("no_keys", _without(files, KEYS), "missing_file", file=KEYS),
        _case("no_entries", _without(files, ENTRIES), "missing_file", "funding", file=ENTRIES),
        _case("byte", plain.replace(b"3.000", b"9.000", 1), "changed_body", "funding", position=3),
        _case("byte_of_key", plain.replace(KEY.id.hex().encode(), b"00000000"), "damaged", file=KEYS),
        _case(
            "other_format", _with(good, MANIFEST, _swap("e@1", "e@2")), "unknown_format", format="gemeinwerk-bundle@2"
        ),
        _case("strange_manifest", _with(good, MANIFEST, lambda text: b"[]"), "unreadable"),
        _case(
            "no_logs",
            _with(good, MANIFEST, lambda text: text[: text.index(b' "logs"')] + b' "logs": []}'),
            "unreadable",
        ),
    ]


def _checkpoints(good: bytes) -> list[Case]:
    files, log = unpacked(good), logs.entries()
    planning, foreign = files["planning/checkpoint.txt"], checkpoint(log, seed=FOREIGN_SEED, witnessed=False).encode()
    keyed = files | {KEYS: (FOREIGN_KEY.text + "\n").encode(), "funding/earlier/3.txt": foreign}
    keyed = {name: text for name, text in keyed.items() if "earlier" not in name and "planning" not in name}
    alone = {MANIFEST: _one_log(files[MANIFEST]), CHECKPOINT: foreign}

    def of(name: str, change: Change, code: str, **facts: Any) -> Case:
        return _case(name, _with(good, CHECKPOINT, change), code, "funding", **{"file": CHECKPOINT} | facts)

    return [
        of("size", _swap("\n7\n", "\n6\n"), "wrong_signature"),
        of("root", _swap("3R9x", "4R9x"), "wrong_signature"),
        of("signature", _swap("mvSiB", "mvSiC"), "wrong_signature"),
        of("no_note", lambda text: text.partition(b"\n\n")[0] + b"\n", "wrong_checkpoint"),
        of("no_checkpoint", lambda text: logs.signed("Ein Gedicht\n").encode(), "wrong_checkpoint"),
        of("foreign_key", lambda text: foreign, "wrong_key"),
        of("witness_alone", lambda text: text.replace(text.splitlines(keepends=True)[4], b""), "wrong_key"),
        of("other_log", lambda text: planning, "wrong_origin", origin="gemeinwerk.example/dresden/audit/planning"),
        Case(name="foreign_keys_unasked", bundle=packed(keyed | alone)),
        Case(name="foreign_keys", bundle=packed(keyed | alone), keys=(KEY,), code="wrong_key", **_at(file=CHECKPOINT)),
        _case(
            "other_town", _with(good, MANIFEST, _swap('"dresden"', '"detmold"')), "wrong_origin", "funding",
            file=MANIFEST, origin="gemeinwerk.example/dresden/audit/funding",
        ),
        _case("old_checkpoint", packed(files | {CHECKPOINT: files[EARLIER_6]}), "old_checkpoint", "funding", size=6),
        _case("earlier_flipped", _with(good, EARLIER_6, _swap("\n6\n", "\n5\n")), "wrong_signature", "funding",
              file=EARLIER_6),
    ]  # fmt: skip


def _entries(good: bytes) -> list[Case]:
    """Changes that leave the hash in each line as it was."""

    def of(name: str, change: Callable[[Lines], Lines], code: str, **facts: Any) -> Case:
        return _case(name, _with(good, ENTRIES, _lines(change)), code, "funding", **facts)

    def line(name: str, number: int, old: str, new: str, code: str, **facts: Any) -> Case:
        return of(name, _in_line(number, _swap(old, new)), code, **facts)

    return [
        line("cent", 3, "300000", "300001", "changed_body", position=3),
        line("normal_form", 5, "e\u0301", "\u00e9", "changed_body", position=5),
        line("actor", 2, '"p-7"', '"p-8"', "changed_header", position=2),
        line("sealed", 5, "AP8g", "AP8h", "changed_sealed", position=5),
        line("sealed_gone", 5, "AP8gc2VhbGVk", "", "changed_sealed", position=5),
        line("sealed_added", 6, "\t\n", "\tAP8g\n", "changed_sealed", position=6),
        line("blank", 2, '"form":1', '"form": 1', "wrong_line", file=ENTRIES, line=2),
        line("more_columns", 2, "\t\n", "\t\t\n", "wrong_line", file=ENTRIES, line=2),
        line("crlf", 4, "\n", "\r\n", "changed_sealed", position=4),
        line("other_municipality", 2, '"dresden"', '"detmold"', "wrong_line", file=ENTRIES, line=2),
        of("garbage", lambda lines: [*lines[:2], b"\xff\xfe\n", *lines[3:]], "wrong_line", file=ENTRIES, line=3),
        of("empty_line", lambda lines: [*lines[:2], b"\n", *lines[2:]], "wrong_line", file=ENTRIES, line=3),
        of("drop", lambda lines: [*lines[:3], *lines[4:]], "missing_entry", position=4),
        of("drop_first", lambda lines: lines[1:], "missing_entry", position=1),
        of("drop_last", lambda lines: lines[:-1], "missing_end", size=7, entries=6),
        of("drop_all", lambda lines: [], "missing_end", size=7, entries=0),
        of("swap", lambda lines: [*lines[:2], lines[3], lines[2], *lines[4:]], "reordered_entry", position=3),
        of("last_first", lambda lines: [lines[-1], *lines[:-1]], "reordered_entry", position=1),
        of("duplicate", lambda lines: [*lines[:4], lines[3], *lines[4:]], "duplicate_entry", position=4),
        of("duplicate_far", lambda lines: [*lines, lines[1]], "duplicate_entry", position=2),
        _case(
            "attachment", _with(good, ATTACHMENTS, _swap("2dd3", "2dd4")), "wrong_attachment", "funding", **_named(2)
        ),
        _case(
            "attachment_moved",
            _with(good, ATTACHMENTS, _swap("  2\n", "  3\n")),
            "wrong_attachment",
            "funding",
            **_named(3),
        ),
        _case(
            "attachment_strange", _with(good, ATTACHMENTS, _swap("  2\n", "\n")), "damaged", "funding", file=ATTACHMENTS
        ),
    ]


def _renewed(good: bytes) -> list[Case]:
    """Changes by somebody who makes all hashes anew, but has no key."""

    def of(name: str, change: Callable[[list[Entry]], list[Entry]], code: str, **facts: Any) -> Case:
        text = b"".join(line_of(replace(entry, leaf=leaf_hash(header_of(entry)))) for entry in change(logs.entries()))
        return _case(name, _with(good, ENTRIES, lambda _: text), code, "funding", **facts)

    def one(number: int, **change: Any) -> Callable[[list[Entry]], list[Entry]]:
        return lambda log: [replace(entry, **change) if entry.position == number else entry for entry in log]

    def again(log: list[Entry]) -> list[Entry]:
        return [replace(entry, position=at) for at, entry in enumerate([*log[:6], log[5], *log[6:]], 1)]

    first = logs.entries()[0]
    return [
        of("renewed_1", one(1, actor="p-8"), "forked", size=7, agreed=0),
        of("renewed_5", one(5, actor="p-8"), "forked", size=7, agreed=3),
        of("renewed_7", one(7, on_behalf_of="p-8"), "forked", size=7, agreed=6),
        of("back_dated", one(4, recorded_at=first.recorded_at), "earlier_time", position=4),
        of("gap_in_stream", one(3, version=4), "missing_version", position=3, stream="application-a1"),
        of("renumbered_duplicate", again, "missing_version", position=7, stream="pot-p"),
        of("other_stream", one(6, stream="pot-q"), "forked", size=7, agreed=3),
        of("invented", lambda log: [*log, replace(first, position=8, version=4, recorded_at=log[-1].recorded_at)],
           "old_checkpoint", size=7),
    ]  # fmt: skip


async def _forks(good: bytes) -> list[Case]:
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
        Case(name="fork_same_size", bundle=fork, own=checkpoint(log), code="not_in_yours", **_at(size=7)),
        Case(name="fork_old_own", bundle=fork, own=checkpoint(log[:6]), code="not_in_yours", **_at(size=6)),
        Case(name="fork_agreed", bundle=fork, own=checkpoint(log[:4])),
        Case(name="fork_earlier", bundle=both, code="forked_earlier", **_at(size=6)),
        Case(name="earlier_longer", bundle=later, code="forked_earlier", **_at(size=6)),
        Case(name="fork_true_checkpoint", bundle=packed(unpacked(fork) | {CHECKPOINT: checkpoint(log).encode()}),
             code="forked", **_at(size=7, agreed=0)),
        Case(name="short_unasked", bundle=short),
        Case(name="short", bundle=short, own=checkpoint(log), code="older_than_yours", **_at(size=7, entries=5)),
        Case(name="own_of_another", bundle=short, own=checkpoint(log, "events"), code="wrong_origin", facts=origin),
    ]  # fmt: skip


async def _excerpts(piece: bytes) -> list[Case]:
    def of(name: str, change: Callable[[Lines], Lines], code: str, **facts: Any) -> Case:
        return _case(name, _with(piece, ENTRIES, _lines(change)), code, "funding", **facts)

    def proof(lines: Lines) -> Lines:
        return [*lines[:3], lines[3].rpartition(b"\t")[0] + b"\t" + lines[2].rpartition(b"\t")[2]]

    def none(lines: Lines) -> Lines:
        return [lines[0].rpartition(b"\t")[0] + b"\t\n", *lines[1:]]

    log = logs.entries()
    foreign = [replace(entry, leaf=bytes(32)) for entry in log]
    gap = {"position": 3, "stream": "application-a1"}
    return [
        of("excerpt_cent", _in_line(3, _swap("300000", "300001")), "changed_body", position=3),
        of("excerpt_proof", proof, "wrong_proof", position=6),
        of("excerpt_no_proof", none, "wrong_proof", position=1),
        of("excerpt_strange_proof", _in_line(2, _swap("=\n", "*\n")), "wrong_proof", position=2),
        of("excerpt_drop", lambda lines: [lines[0], *lines[2:]], "missing_version", **gap),
        of("excerpt_swap", lambda lines: [lines[0], lines[2], lines[1]], "missing_version", **gap),
        of("excerpt_last_first", lambda lines: [lines[3], *lines[:3]], "reordered_entry", position=1),
        of("excerpt_duplicate", lambda lines: [*lines, lines[3]], "duplicate_entry", position=6),
        Case(name="excerpt_own", bundle=piece, own=checkpoint(foreign), code="not_in_yours", **_at(size=7)),
        Case(name="excerpt_older", bundle=piece, own=checkpoint(logs.entries(count=8)), code="older_than_yours",
             **_at(size=8, entries=7)),
        _case("excerpt_old_checkpoint", _with(piece, CHECKPOINT, lambda _: checkpoint(log[:5]).encode()),
              "wrong_proof", "funding", position=1),
        _case("excerpt_beyond", await _beyond(), "old_checkpoint", "funding", size=5),
    ]  # fmt: skip


async def _beyond() -> bytes:
    """Proofs that fit the old checkpoint, and then an entry that it does not know."""
    log = logs.entries()
    old = await logs.bundle_of(logs.excerpt(log[:5], 1))
    return _with(old, ENTRIES, lambda text: text + line_of(log[5], []))


def _case(name: str, bundle: bytes, code: str, service: str = "", **facts: Any) -> Case:
    return Case(name=name, bundle=bundle, code=code, service=service, facts=facts)


def _at(**facts: Any) -> dict[str, Any]:
    return {"service": "funding", "facts": facts}


def _named(position: int) -> dict[str, Any]:
    return {"file": ATTACHMENTS, "position": position}


def _with(bundle: bytes, file: str, change: Change) -> bytes:
    files = unpacked(bundle)
    return packed(files | {file: change(files[file])})


def _without(files: dict[str, bytes], file: str) -> bytes:
    return packed({name: text for name, text in files.items() if name != file})


def _one_log(manifest: bytes) -> bytes:
    """A manifest without its second log."""
    return manifest[: manifest.rindex(b",\n  {")] + b"\n ]\n}\n"


def _swap(old: str, new: str) -> Change:
    def change(text: bytes) -> bytes:
        assert old.encode() in text
        return text.replace(old.encode(), new.encode(), 1)

    return change


def _lines(change: Callable[[Lines], Lines]) -> Change:
    return lambda text: b"".join(change(text.splitlines(keepends=True)))


def _in_line(number: int, change: Change) -> Callable[[Lines], Lines]:
    return lambda lines: [change(line) if at == number else line for at, line in enumerate(lines, 1)]
