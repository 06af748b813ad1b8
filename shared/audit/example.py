"""The worked example on the page that explains bundles: three entries, and every number that follows from them."""

import zipfile
from importlib.resources import files

from msgspec import Struct

from shared.audit.merkle import node_hash
from shared.audit.notes import Key, read_checkpoint, read_key, read_note
from shared.audit.verify_entries import Tree

FILE = "example.zip"


class Line(Struct, frozen=True):
    """A line of `entries.tsv` in its parts."""

    hash: str
    leaf: str
    body: str
    sealed: str


class Example(Struct, frozen=True):
    """`nodes`: the hash over the first two leaves, then the root; hex, as is `root`."""

    lines: tuple[Line, ...]
    nodes: tuple[str, ...]
    root: str
    note: str
    key: str
    key_id: str


def example_bundle() -> bytes:
    """The example as a file."""
    return files("shared.audit").joinpath(FILE).read_bytes()


def example() -> Example:
    """The example, computed from its file."""
    with files("shared.audit").joinpath(FILE).open("rb") as file, zipfile.ZipFile(file) as bundle:
        rows = [row.split("\t") for row in bundle.read("funding/entries.tsv").decode().split("\n")[:-1]]
        note, keys = bundle.read("funding/checkpoint.txt").decode(), bundle.read("keys.txt").decode()
    leaves = [bytes.fromhex(row[0]) for row in rows]
    pair = node_hash(*leaves[:2])
    key: Key = read_key(keys.split("\n")[0])
    root = read_checkpoint(read_note(note).text).root
    assert root == node_hash(pair, leaves[2]) == Tree(leaves).root(3)
    nodes = (pair.hex(), root.hex())
    return Example(tuple(Line(*row) for row in rows), nodes, root.hex(), note, key.text, key.id.hex())


def program() -> str:
    """A whole verifier for whole logs, as source text."""
    return files("shared.audit").joinpath("small_verifier.py").read_text(encoding="utf-8")
