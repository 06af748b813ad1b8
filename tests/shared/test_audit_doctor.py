"""What `doctor` and the first lines of a start say of the logs, from what lies beside the signing key alone."""

import pytest
import structlog
from msgspec.structs import replace

from deploy.cli import main
from deploy.logs import signed_logs
from shared.audit.merkle import CompactRange
from shared.audit.notes import Checkpoint, Note, sign
from shared.audit.shelf import Shelf, Signed


def shelf(folder, *towns):
    """A shelf on which the funding log of each town is signed with three entries."""
    tree = CompactRange()
    for number in range(3):
        tree.append(bytes([number]) * 32)
    made = Shelf(folder)
    for town in towns:
        text = Checkpoint(f"gemeinwerk.example/{town}/audit/funding", 3, tree.root()).text
        note = Note(text, (sign(text, bytes(32), "gemeinwerk.example"),)).render()
        made.change(town, "funding", lambda _, note=note: Signed(note=note, range=tuple(tree.hashes)))
    return made


def said(folder):
    return [(one.what, one.holds) for one in signed_logs(folder)]


def test_nothing_signed_is_nothing_to_say(tmp_path):
    assert said(tmp_path / "signer") == []


def test_logs_that_hold_are_counted(tmp_path):
    made = shelf(tmp_path, "dresden", "detmold")
    assert said(tmp_path) == [("2 logs with 6 signed entries", True)]
    made.change("dresden", "funding", lambda one: replace(one, examined="2026-03-02T02:00:00Z"))
    assert said(tmp_path)[1:] == [
        ("1 logs hashed anew and found whole, the first of them at 2026-03-02T02:00:00Z", True)
    ]


def test_a_log_that_is_not_written_to_and_a_damaged_one_are_named(tmp_path):
    made = shelf(tmp_path, "dresden", "detmold")
    made.change("dresden", "funding", lambda one: replace(one, halted="it has 2 entries"))
    made.change("detmold", "funding", lambda one: replace(one, examined="now", fault="entry 2: its body was changed"))
    assert said(tmp_path) == [
        ("the log of dresden/funding is not written to: it has 2 entries", False),
        ("1 logs with 3 signed entries", True),
        ("the log of detmold/funding, hashed anew at now: entry 2: its body was changed", False),
    ]


def test_a_damaged_shelf_is_said_to_be_one(tmp_path):
    shelf(tmp_path, "dresden")
    (tmp_path / "logs" / "dresden" / "funding.json").write_text("{")
    ((what, holds),) = said(tmp_path)
    assert (what, holds) == ("what was signed last can be read", False)


@pytest.fixture
def serving(monkeypatch, tmp_path, capsys):
    """Runs `gemeinwerk serve funding` with all its settings but the signer's; exit code and error output."""
    for name in ("NATS_URL", "DEPLOYMENT_KEY", "FUNDING_DATABASE_URL", "FUNDING_MIGRATOR_URL"):
        monkeypatch.setenv(f"GEMEINWERK_{name}", "00")
    monkeypatch.delenv("GEMEINWERK_SIGNER", raising=False)

    def serve(**environment):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return main(["serve", "funding"]), capsys.readouterr().err

    yield serve
    structlog.reset_defaults()


def test_a_service_without_a_signer_is_one_clear_line(serving):
    assert serving() == (1, "gemeinwerk: GEMEINWERK_SIGNER is not set\n")


def test_a_service_with_a_broken_signer_is_one_clear_line(serving, tmp_path):
    (tmp_path / "keys.json").write_text("{")
    code, said = serving(GEMEINWERK_SIGNER=str(tmp_path))
    assert (code, said.count("\n")) == (1, 1)
    assert said.startswith(f"gemeinwerk: {tmp_path}/keys.json cannot be read: ")
