import json
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest
import rfc8785
from msgspec.structs import replace

from shared.audit.leaf import Header, leaf_bytes, leaf_hash
from shared.audit.merkle import CompactRange

HERE = Path(__file__).parent
GOLDEN = json.loads((HERE / "leaves.json").read_text())
headers = [msgspec.convert(entry["header"], Header) for entry in GOLDEN]


def digest(data: bytes) -> str:
    return sha256(data).hexdigest() if data else ""


@pytest.mark.parametrize("entry", GOLDEN, ids=lambda entry: entry["note"])
def test_a_golden_leaf_keeps_its_hash(entry):
    header = msgspec.convert(entry["header"], Header)
    assert header.body == digest((entry["body"] or "").encode())
    assert header.sealed == digest(bytes.fromhex(entry["sealed"]))
    assert leaf_hash(header).hex() == entry["leaf"]


def test_the_golden_leaves_grow_to_their_roots():
    tree = CompactRange()
    for entry, header in zip(GOLDEN, headers, strict=True):
        tree.append(leaf_hash(header))
        assert tree.root().hex() == entry["root"]


@pytest.mark.parametrize("header", headers, ids=lambda header: header.event_id)
def test_the_bytes_are_canonical_json_in_the_order_of_the_struct(header):
    assert leaf_bytes(header) == rfc8785.dumps(msgspec.to_builtins(header)) == msgspec.json.encode(header)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("actor", 'a"b'),
        ("actor", "a\\b"),
        ("stream", "projekt-ä"),
        ("type", "a\nb"),
        ("position", 2**53),
        ("position", -1),
        ("version", True),
        ("form", "1"),
        ("body", "AB" * 32),
        ("sealed", "ab"),
        ("recorded_at", "2026-03-02T18:30:00Z"),
        ("recorded_at", "2026-03-02T18:30:00.000000+00:00"),
        ("recorded_at", "2026-03-02T18:30:00.000000Z\n"),
    ],
)
def test_what_two_languages_might_write_differently_is_refused(field, value):
    with pytest.raises(ValueError, match=f"^{field} of a log entry"):
        leaf_hash(replace(headers[0], **{field: value}))


def test_javascript_rebuilds_the_golden_leaves():
    answer = verify_in_javascript(HERE / "leaves.json")
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout == f"{len(GOLDEN)} leaves, root {GOLDEN[-1]['root']}\n"


@pytest.mark.parametrize(("part", "value"), [("body", '{"cents":9007199254740990}'), ("header", {"position": 7})])
def test_javascript_names_the_entry_that_was_changed(tmp_path, part, value):
    changed = json.loads(json.dumps(GOLDEN))
    changed[5][part] = value if part == "body" else changed[5][part] | value
    file = tmp_path / "changed.json"
    file.write_text(json.dumps(changed))
    answer = verify_in_javascript(file)
    assert answer.returncode == 1
    assert answer.stderr.startswith("entry 6 (")


def verify_in_javascript(golden: Path) -> subprocess.CompletedProcess[str]:
    node = shutil.which("node") or str(Path(sys.executable).parent / "node")
    return subprocess.run([node, HERE / "verify.mjs", golden], capture_output=True, text=True, timeout=60, check=False)
