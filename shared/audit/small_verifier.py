"""Checks the whole logs of a bundle: `python small_verifier.py BUNDLE KEY`, with Python 3.11 and `cryptography` alone.

The page that explains the format shows this file, and a test runs it: it is complete, but for excerpts.
"""

import base64
import hashlib
import json
import sys
import zipfile

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def root_of(hashes: list[bytes]) -> bytes:
    """RFC 6962: pair by pair, level by level; what has no neighbour goes up as it is."""
    while len(hashes) > 1:
        pairs = [sha256(b"\x01" + hashes[i] + hashes[i + 1]) for i in range(0, len(hashes) - 1, 2)]
        hashes = pairs + hashes[2 * len(pairs) :]
    return hashes[0] if hashes else sha256(b"")


def signed_text(note: str, key: str, origin: str) -> str:
    """The text of a note, if `key` signed it; the name of a log's key is the log's."""
    text, _, lines = note.rpartition("\n\n")
    kind_and_key = base64.b64decode(key.split("+", 2)[2])
    key_id = sha256(origin.encode() + b"\n" + kind_and_key)[:4]
    for line in lines.splitlines():
        _, name, encoded = line.split(" ")
        signature = base64.b64decode(encoded)
        if name == origin and signature[:4] == key_id:
            Ed25519PublicKey.from_public_bytes(kind_and_key[1:]).verify(signature[4:], (text + "\n").encode())
            return text + "\n"
    raise ValueError("signed by nobody who is trusted")


def hash_of(line: bytes, position: int) -> bytes:
    """The hash of an entry's leaf, if its parts fit together."""
    named, leaf, body, sealed = line.split(b"\t")
    header = json.loads(leaf)
    assert leaf == json.dumps(header, sort_keys=True, separators=(",", ":")).encode(), f"entry {position}: form"
    assert header["position"] == position, f"entry {position}: order"
    assert sha256(b"\x00" + leaf).hex() == named.decode(), f"entry {position}: header"
    assert not body or sha256(body).hex() == header["body"], f"entry {position}: body"
    assert not sealed or sha256(base64.b64decode(sealed)).hex() == header["sealed"], f"entry {position}: sealed"
    return sha256(b"\x00" + leaf)


def check(bundle: zipfile.ZipFile, service: str, origin: str, key: str) -> str:
    text = signed_text(bundle.read(f"{service}/checkpoint.txt").decode(), key, origin)
    name, size, root = text.split("\n")[:3]
    assert name == origin, "the checkpoint of another log"
    lines = bundle.read(f"{service}/entries.tsv").split(b"\n")[:-1]
    hashes = [hash_of(line, position) for position, line in enumerate(lines, 1)]
    assert len(hashes) == int(size), f"{len(hashes)} entries of {size}"
    assert root_of(hashes) == base64.b64decode(root), "other entries were signed"
    return f"{service}: {size} entries"


if __name__ == "__main__":
    with zipfile.ZipFile(sys.argv[1]) as found:
        for log in json.loads(found.read("bundle.json"))["logs"]:
            print(check(found, log["service"], log["origin"], sys.argv[2]))
