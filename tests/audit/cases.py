"""A case of tampering, and the hands that tamper: with a file of a bundle, with its lines, with a line."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from shared.audit.notes import Key
from tests.audit.logs import packed, unpacked

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


def case(name: str, bundle: bytes, code: str, service: str = "", **facts: Any) -> Case:
    return Case(name=name, bundle=bundle, code=code, service=service, facts=facts)


def at_funding(**facts: Any) -> dict[str, Any]:
    return {"service": "funding", "facts": facts}


def named(position: int) -> dict[str, Any]:
    return {"file": ATTACHMENTS, "position": position}


def changed(bundle: bytes, file: str, change: Change) -> bytes:
    files = unpacked(bundle)
    return packed(files | {file: change(files[file])})


def without(files: dict[str, bytes], file: str) -> bytes:
    return packed({name: text for name, text in files.items() if name != file})


def one_log(manifest: bytes) -> bytes:
    """A manifest without its second log."""
    return manifest[: manifest.rindex(b",\n  {")] + b"\n ]\n}\n"


def swap(old: str, new: str) -> Change:
    def change(text: bytes) -> bytes:
        assert old.encode() in text
        return text.replace(old.encode(), new.encode(), 1)

    return change


def by_line(change: Callable[[Lines], Lines]) -> Change:
    return lambda text: b"".join(change(text.splitlines(keepends=True)))


def in_line(number: int, change: Change) -> Callable[[Lines], Lines]:
    return lambda lines: [change(line) if at == number else line for at, line in enumerate(lines, 1)]
