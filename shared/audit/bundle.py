"""A bundle: logs in one zip file that proves itself, offline, to whoever has a key or an older checkpoint.

In the zip, in this order: `bundle.json` (what it holds), `keys.txt` (a key a line), and for each log in a folder of its
service's name `checkpoint.txt` (a signed note), `entries.tsv`, `attachments.txt`, and where there are any
`earlier/<size>.txt`, older checkpoints. A line of `entries.tsv` is an entry: the hash of its leaf in hex, the leaf (the
header as canonical JSON), the body as stored (nothing once redacted), the sealed part in base64 (nothing where there is
none), and in an excerpt the hashes of its inclusion proof in base64 with blanks between. Tabs part them, and no part
can have one. A line of `attachments.txt`: the SHA-256 of a file, two blanks, the position of the entry that names it.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.json import Encoder

from shared.store import Entry, header_of

FORMAT = "gemeinwerk-bundle@1"
MANIFEST, KEYS = "bundle.json", "keys.txt"
CHECKPOINT, ENTRIES, ATTACHMENTS, EARLIER = "checkpoint.txt", "entries.tsv", "attachments.txt", "earlier"
COLUMNS = 4  # and a fifth in an excerpt
_encoder = Encoder(order="sorted")
_ATTACHED = re.compile(rb'"(?:digest|file|minutes)":"([0-9a-f]{64})"')


class Log(Struct, frozen=True, kw_only=True):
    """A log in a bundle. `origin` is that of its checkpoints; `whole`: all entries, without proofs.

    An excerpt names the `streams` that it has from their beginning without gap; of others it has single entries.
    """

    service: str
    origin: str
    whole: bool
    streams: tuple[str, ...] = ()


class Manifest(Struct, frozen=True, kw_only=True):
    """What a bundle says it holds; `made_at` is UTC, ISO. Only what the entries and checkpoints show is proven."""

    format: str
    municipality: str
    made_at: str
    logs: tuple[Log, ...]


def line_of(entry: Entry, proof: Iterable[bytes] | None = None) -> bytes:
    """An entry as a line of `entries.tsv`, newline included; `proof` where it stands in an excerpt.

    Nothing is judged here: what the store has is written, so that whoever checks the bundle finds what was changed.
    """
    sealed = b"" if entry.sealed is None else b64encode(entry.sealed)
    parts = [entry.leaf.hex().encode(), _encoder.encode(header_of(entry)), entry.body or b"", sealed]
    if proof is not None:
        parts.append(b" ".join(map(b64encode, proof)))
    return b"\t".join(parts) + b"\n"


def attached(entry: Entry) -> Iterator[str]:
    """The SHA-256, in hex, of every file that an entry's body names."""
    for digest in _ATTACHED.findall(entry.body or b""):
        yield digest.decode()
