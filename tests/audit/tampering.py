"""What somebody could do to a bundle, each with the fault that both verifiers have to name."""

import zipfile
from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from shared.audit.bundle import line_of
from shared.audit.leaf import leaf_hash
from shared.store import Entry, header_of
from tests.audit import logs
from tests.audit.cases import (
    ATTACHMENTS,
    CHECKPOINT,
    EARLIER_6,
    ENTRIES,
    KEYS,
    MANIFEST,
    Case,
    Change,
    Lines,
    at_funding,
    by_line,
    case,
    changed,
    in_line,
    named,
    one_log,
    swap,
    without,
)
from tests.audit.forks import excerpts, forks
from tests.audit.logs import FOREIGN_KEY, FOREIGN_SEED, KEY, WITNESS_KEY, checkpoint, packed, part, unpacked


async def corpus() -> list[Case]:
    good, piece = await logs.bundle(), await logs.small_excerpt()
    return [
        *await _sound(good, piece),
        *_files(good),
        *_checkpoints(good),
        *_entries(good),
        *_renewed(good),
        *await forks(),
        *await excerpts(piece),
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
        Case(name="sound_redacted", bundle=changed(good, ENTRIES, swap(logs.BODIES[6] + "\t", "\t"))),
        Case(name="sound_excerpt", bundle=piece, keys=(KEY,), own=checkpoint(log)),
        Case(name="sound_excerpt_not_compared", bundle=piece, own=checkpoint(log[:3])),
        Case(name="sound_empty", bundle=await logs.bundle_of(part([]))),
    ]


def _files(good: bytes) -> list[Case]:
    files = unpacked(good)
    plain = packed(files, zipfile.ZIP_STORED)
    twice = packed({**files, "copy.txt": b"a", "kopy.txt": b"b"}).replace(b"copy.txt", b"kopy.txt")
    return [
        case("no_zip", b"Sehr geehrte Damen und Herren", "unreadable"),
        case("nothing", b"", "unreadable"),
        case("two_of_a_name", twice, "unreadable"),
        case("cut", good[:-30], "truncated"),
        case("half", good[: len(good) // 2], "truncated"),
        case("no_manifest", without(files, MANIFEST), "missing_file", file=MANIFEST),
        case("no_keys", without(files, KEYS), "missing_file", file=KEYS),
        case("no_entries", without(files, ENTRIES), "missing_file", "funding", file=ENTRIES),
        case("byte", plain.replace(b"3.000", b"9.000", 1), "changed_body", "funding", position=3),
        case("byte_of_key", plain.replace(KEY.id.hex().encode(), b"00000000"), "damaged", file=KEYS),
        case(
            "other_format", changed(good, MANIFEST, swap("e@1", "e@2")), "unknown_format", format="gemeinwerk-bundle@2"
        ),
        case("strange_manifest", changed(good, MANIFEST, lambda text: b"[]"), "unreadable"),
        case(
            "no_logs",
            changed(good, MANIFEST, lambda text: text[: text.index(b' "logs"')] + b' "logs": []}'),
            "unreadable",
        ),
    ]


def _checkpoints(good: bytes) -> list[Case]:
    files, log = unpacked(good), logs.entries()
    planning, foreign = files["planning/checkpoint.txt"], checkpoint(log, seed=FOREIGN_SEED, witnessed=False).encode()
    keyed = files | {KEYS: (FOREIGN_KEY.text + "\n").encode(), "funding/earlier/3.txt": foreign}
    keyed = {name: text for name, text in keyed.items() if "earlier" not in name and "planning" not in name}
    alone = {MANIFEST: one_log(files[MANIFEST]), CHECKPOINT: foreign}

    def of(name: str, change: Change, code: str, **facts: Any) -> Case:
        return case(name, changed(good, CHECKPOINT, change), code, "funding", **{"file": CHECKPOINT} | facts)

    return [
        of("size", swap("\n7\n", "\n6\n"), "wrong_signature"),
        of("root", swap("3R9x", "4R9x"), "wrong_signature"),
        of("signature", swap("mvSiB", "mvSiC"), "wrong_signature"),
        of("no_note", lambda text: text.partition(b"\n\n")[0] + b"\n", "wrong_checkpoint"),
        of("no_checkpoint", lambda text: logs.signed("Ein Gedicht\n").encode(), "wrong_checkpoint"),
        of("foreign_key", lambda text: foreign, "wrong_key"),
        of("witness_alone", lambda text: text.replace(text.splitlines(keepends=True)[4], b""), "wrong_key"),
        of("other_log", lambda text: planning, "wrong_origin", origin="gemeinwerk.example/dresden/audit/planning"),
        Case(name="foreign_keys_unasked", bundle=packed(keyed | alone)),
        Case(name="foreign_keys", bundle=packed(keyed | alone), keys=(KEY,), code="wrong_key",
             **at_funding(file=CHECKPOINT)),
        case(
            "other_town", changed(good, MANIFEST, swap('"dresden"', '"detmold"')), "wrong_origin", "funding",
            file=MANIFEST, origin="gemeinwerk.example/dresden/audit/funding",
        ),
        case("old_checkpoint", packed(files | {CHECKPOINT: files[EARLIER_6]}), "old_checkpoint", "funding", size=6),
        case("earlier_flipped", changed(good, EARLIER_6, swap("\n6\n", "\n5\n")), "wrong_signature", "funding",
              file=EARLIER_6),
    ]  # fmt: skip


def _entries(good: bytes) -> list[Case]:
    """Changes that leave the hash in each line as it was."""

    def of(name: str, change: Callable[[Lines], Lines], code: str, **facts: Any) -> Case:
        return case(name, changed(good, ENTRIES, by_line(change)), code, "funding", **facts)

    def line(name: str, number: int, old: str, new: str, code: str, **facts: Any) -> Case:
        return of(name, in_line(number, swap(old, new)), code, **facts)

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
        case("attachment", changed(good, ATTACHMENTS, swap("2dd3", "2dd4")), "wrong_attachment", "funding", **named(2)),
        case(
            "attachment_moved",
            changed(good, ATTACHMENTS, swap("  2\n", "  3\n")),
            "wrong_attachment",
            "funding",
            **named(3),
        ),
        case(
            "attachment_strange",
            changed(good, ATTACHMENTS, swap("  2\n", "\n")),
            "damaged",
            "funding",
            file=ATTACHMENTS,
        ),
    ]


def _renewed(good: bytes) -> list[Case]:
    """Changes by somebody who makes all hashes anew, but has no key."""

    def of(name: str, change: Callable[[list[Entry]], list[Entry]], code: str, **facts: Any) -> Case:
        text = b"".join(line_of(replace(entry, leaf=leaf_hash(header_of(entry)))) for entry in change(logs.entries()))
        return case(name, changed(good, ENTRIES, lambda _: text), code, "funding", **facts)

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
