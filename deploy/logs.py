"""What is known, without any server, of the logs that were signed: for `doctor` and for the first lines of a start."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from shared.audit.keyring import Unreadable
from shared.audit.shelf import Shelf, Signed
from shared.web.site import Site


class Finding(Struct, frozen=True):
    """One thing looked at. `remedy` says what to do where it does not hold."""

    what: str
    holds: bool
    remedy: str = ""


def signed_logs(folder: Path) -> Iterator[Finding]:
    """Whether each log is the one that was signed, and what last night's hashing found; damaged ones by name."""
    try:
        known = {f"{town}/{service}": signed for town, service, signed in Shelf(folder).everything()}
    except Unreadable as error:
        yield Finding("what was signed last can be read", False, f"{error}; put back a copy of {folder}")
        return
    if known:
        yield from _as_signed(known)
        yield from _hashed(known)


def _as_signed(known: Mapping[str, Signed]) -> Iterator[Finding]:
    for log, signed in known.items():
        if signed.halted:
            remedy = "put its present database back, or accept the loss with `gemeinwerk signer recover`"
            yield Finding(f"the log of {log} is not written to: {signed.halted}", False, remedy)
    if holding := [log for log, signed in known.items() if not signed.halted]:
        entries = sum(known[log].checkpoint.size for log in holding)
        yield Finding(f"{len(holding)} logs with {entries} signed entries", True)


def _hashed(known: Mapping[str, Signed]) -> Iterator[Finding]:
    for log, signed in known.items():
        if signed.fault:
            found = f"the log of {log}, hashed anew at {signed.examined}: {signed.fault}"
            yield Finding(
                found, False, "it was changed behind our back: keep the database as it is and call an auditor"
            )
    if whole := [signed.examined for signed in known.values() if signed.examined and not signed.fault]:
        yield Finding(f"{len(whole)} logs hashed anew and found whole, the first of them at {min(whole)}", True)


def halted(sites: Mapping[str, Site]) -> Iterator[str]:
    """A line for each log that is not written to."""
    for service, site in sites.items():
        for municipality, reason in site.signer.halted.items():
            yield f"gemeinwerk: the log of {municipality}/{service} is not written to: {reason}"
