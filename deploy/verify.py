"""`gemeinwerk verify`: says of a bundle what holds, without server, database or network."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from shared.audit.notes import BadNote, Key, read_key
from shared.audit.verify import Report, Signed, Verified, verify_bundle


class Unreadable(Exception):
    """What was given cannot be read: said in one line."""


def report_on(bundle: Path, keys: Sequence[str], checkpoint: Path | None) -> Report:
    """Verifies a bundle. `keys` are keys as one word or files with a key a line; `checkpoint` is a file that the asker
    has kept. Raises `Unreadable`."""
    trusted = [key for given in keys for key in _keys(given)]
    try:
        return verify_bundle(bundle, trusted, checkpoint.read_text(encoding="utf-8") if checkpoint else "")
    except (BadNote, UnicodeDecodeError) as error:
        raise Unreadable(f"{checkpoint} is no checkpoint") from error
    except OSError as error:
        raise Unreadable(f"{error.filename} cannot be read: {error.strerror}") from error


def as_json(report: Report) -> str:
    """The report for programs: one object, indented."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode()


def lines_of(report: Report) -> Iterator[str]:
    """The report for people, line by line."""
    if report.fault:
        where = f"{report.fault.service}: " if report.fault.service else ""
        yield f"✗ {where}{report.fault.sentence}"
        return
    yield f"✓ {report.municipality}, bundle of {report.made_at}"
    for log in report.logs:
        yield from _log(log)
    if report.compared is not None:
        yield "✓ your checkpoint lies on it" if report.compared else "! an excerpt: your checkpoint was not compared"
    if not report.trusted:
        yield "! the keys are those in the bundle: give --key, from elsewhere, to be sure who signed"


def _log(log: Verified) -> Iterator[str]:
    how_many = f"{log.entries:,} entries" if log.whole else f"{log.entries:,} of {log.size:,} entries, each proven"
    yield f"✓ {log.service}: {how_many}, root {log.root[:16]}…, signed by {', '.join(map(_signer, log.signed))}"
    if log.earlier:
        yield f"  {log.earlier:,} earlier checkpoints lie on it"
    if log.redacted:
        yield f"  without body, as after a redaction: {', '.join(map(str, log.redacted))}"


def _signer(signed: Signed) -> str:
    key = read_key(signed.key)
    seen = "" if signed.time is None else f", seen {datetime.fromtimestamp(signed.time, UTC):%Y-%m-%d %H:%M} UTC"
    return f"{key.name} ({key.id.hex()}{seen})"


def _keys(given: str) -> list[Key]:
    try:
        path = Path(given)
        words = path.read_text(encoding="utf-8").split() if path.is_file() else [given]
        if keys := [read_key(word) for word in words]:
            return keys
    except (BadNote, OSError, ValueError):
        pass
    raise Unreadable(f"{given} is neither a key nor a file of keys")
