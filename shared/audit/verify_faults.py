"""What can be wrong with a bundle: a code for programs, a sentence for people."""

from typing import Any

from msgspec import Struct

SENTENCES = {
    # the file
    "unreadable": "this is no bundle",
    "truncated": "the file ends too early: it was not received or stored whole",
    "damaged": "{file} is damaged: its bytes do not unpack to what was packed",
    "unknown_format": "the bundle has the format {format}, which this program does not know",
    "missing_file": "{file} is missing",
    # the checkpoint
    "wrong_checkpoint": "{file} is no signed checkpoint",
    "wrong_key": "{file} is signed by nobody who is trusted: the key is another one",
    "wrong_signature": "the signature of {file} does not fit its text",
    "wrong_origin": "{file} belongs to another log: {origin}",
    # the entries
    "wrong_line": "line {line} of {file} is no entry",
    "missing_entry": "entry {position} is missing",
    "reordered_entry": "entry {position} stands at another place",
    "duplicate_entry": "entry {position} is there twice",
    "changed_header": "the header of entry {position} was changed",
    "changed_body": "the body of entry {position} was changed",
    "changed_sealed": "the sealed part of entry {position} was changed",
    "earlier_time": "entry {position} is dated before its predecessor",
    "missing_version": "entry {position} is not the next one of its stream {stream}",
    "wrong_proof": "the proof of entry {position} does not lead to the checkpoint",
    # the tree
    "old_checkpoint": "the checkpoint is old: it covers {size} entries, there are more",
    "missing_end": "the end is missing: the checkpoint covers {size} entries, there are {entries}",
    "forked": "the entries are not those that were signed: a tree of {size} entries has another root",
    "forked_earlier": "an earlier checkpoint of {size} entries does not lie on this tree: the log was rewritten",
    "older_than_yours": "your checkpoint covers {size} entries, this bundle {entries}: it is older, or was cut",
    "not_in_yours": "your checkpoint of {size} entries does not lie on this tree: the log was forked or rewritten",
    # beside the entries
    "wrong_attachment": "{file} names a digest that is not in entry {position}",
}


_AGREED = "; up to entry {agreed} it agrees with an earlier checkpoint"


class Fault(Struct, frozen=True, kw_only=True):
    """The first thing that does not hold: the `service` whose log it is in ("" for the file as a whole), and facts."""

    code: str
    service: str = ""
    facts: dict[str, Any] = {}

    @property
    def sentence(self) -> str:
        more = _AGREED if self.facts.get("agreed") else ""
        return (SENTENCES[self.code] + more).format(**self.facts)


class Broken(Exception):
    """Something does not hold; nothing after it was looked at."""

    def __init__(self, code: str, service: str = "", **facts: Any) -> None:
        super().__init__(code)
        self.fault = Fault(code=code, service=service, facts=facts)
