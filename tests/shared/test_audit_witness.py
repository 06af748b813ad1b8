"""A witness signs a log that only grew, and refuses any other with a proof in hand: faults 18 and 19."""

import json

import httpx
import pytest
import structlog

from deploy.cli import main
from deploy.witness import CONTRADICTED, FINE, NOT_DONE, Witness
from deploy.witness.memory import Broken, Memory
from shared.audit.cosigning import NotTaken, take_in
from shared.audit.merkle import CompactRange, consistency_proof, leaf_hash, root_of
from shared.audit.notes import Checkpoint, Note, key_of, read_key, read_note, sign, verify
from shared.audit.proofs import Growth, signed_in
from shared.audit.shelf import Shelf, Signed

URL, LOG = "https://gemeinwerk.example", "dresden/funding"
ORIGIN = "gemeinwerk.example/dresden/audit/funding"
NAME = "rechnungshof.example/witness"


def leaves(*texts):
    return [leaf_hash(text.encode()) for text in texts]


class Town:
    """A deployment with one log, answering as shared/audit/routes.py does; it signs whatever it is told to."""

    def __init__(self, folder):
        self.leaves, self.seed, self.origin, self.trusted = leaves("a", "b", "c"), bytes([1]) * 32, ORIGIN, []
        self.shelf, self.folder = Shelf(folder), folder

    def note(self):
        text = Checkpoint(self.origin, len(self.leaves), root_of(self.leaves)).text
        return Note(text, (sign(text, self.seed, self.origin),)).render()

    def answer(self, request):
        *_, what, last = request.url.path.split("/")
        assert request.url.path.startswith("/dresden/audit/funding/")
        if last == "keys":
            return httpx.Response(200, text=f"{key_of(self.seed, self.origin).text}\n")
        if last == "cosignatures":
            return self.take(request.content.decode())
        assert what == "consistency"
        if int(last) > len(self.leaves):
            return httpx.Response(404)
        proof = consistency_proof(self.leaves, int(last))
        return httpx.Response(200, text=Growth(int(last), tuple(proof), self.note()).text)

    def take(self, text):
        tree = CompactRange()
        for leaf in self.leaves:
            tree.append(leaf)
        kept = Signed(note=self.note(), range=tuple(tree.hashes))
        self.shelf.change("dresden", "funding", lambda _: kept)
        try:
            own = [key_of(self.seed, self.origin)]
            return httpx.Response(200, text=take_in(self.shelf, "dresden", "funding", text, own, self.trusted).cosigned)
        except NotTaken as refusal:
            problem = {"code": refusal.code, "title": "…"}
            return httpx.Response(409, json=problem, headers={"content-type": "application/problem+json"})


@pytest.fixture(autouse=True)
def _logging():
    """What `main` sets up for a process of its own would write to this test's closed output afterwards."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def town(tmp_path):
    return Town(tmp_path / "signer")


@pytest.fixture
def memory(tmp_path, town):
    made = Memory(tmp_path / "witness.json", NAME)
    town.trusted = [made.key]
    return made


def client(town):
    return httpx.Client(transport=httpx.MockTransport(town.answer))


def looking(town, memory, keys=()):
    (found,) = Witness(URL, memory, keys, client(town)).watch([LOG])
    return found


def test_a_log_that_grows_is_cosigned_each_time(town, memory, tmp_path):
    for texts in ("abc", "abc", "abcd", "abcdefghi"):
        town.leaves = leaves(*texts)
        found = looking(town, Memory(tmp_path / "witness.json", ""))
        assert (found.outcome, found.size, found.code) == ("cosigned", len(texts), FINE)
        note = read_note(town.shelf.read("dresden", "funding").cosigned)
        assert [key.name for key, _ in verify(note, [memory.key])] == [NAME]


def test_a_town_that_does_not_know_the_witness_is_told_what_to_do(town, memory):
    town.trusted = []
    found = looking(town, memory)
    assert (found.outcome, found.code) == ("not_taken", NOT_DONE)
    assert f"gemeinwerk signer trust {memory.key.text}" in found.detail


def rewritten(town):
    town.leaves = leaves("a", "x", "c", "d", "e")


def forked(town):
    town.leaves = leaves("a", "b", "x")


def truncated(town):
    town.leaves = leaves("a", "b")


def renamed(town):
    town.origin = f"{ORIGIN}/recovery-1"


def foreign_key(town):
    town.seed = bytes([9]) * 32


@pytest.mark.parametrize(
    ("tamper", "outcome", "detail"),
    [
        (rewritten, "not_consistent", "its 5 entries do not begin with the 3 that were signed before"),
        (forked, "fork", "two different logs of 3 entries are signed"),
        (truncated, "smaller", "it has 2 entries, and had 3"),
        (renamed, "other_log", f"it calls itself {ORIGIN}/recovery-1 now"),
        (foreign_key, "unknown_key", f"signed by {ORIGIN} ({key_of(bytes([9]) * 32, ORIGIN).id.hex()})"),
    ],
)
def test_a_history_rewritten_with_the_right_key_is_refused(town, memory, tamper, outcome, detail):
    before = town.note()
    looking(town, memory)
    tamper(town)
    for _ in range(2):  # and it stays refused
        found = looking(town, memory)
        assert (found.outcome, found.code) == (outcome, CONTRADICTED)
        assert detail in found.detail
        assert found.now == town.note()
        assert memory.seen(URL, LOG).note == before


def test_another_name_is_not_followed_even_with_its_key(town, memory):
    looking(town, memory)
    renamed(town)
    assert looking(town, memory, [key_of(town.seed, town.origin)]).outcome == "other_log"
    memory.forget(URL, [LOG])
    assert looking(town, memory).outcome == "cosigned"


def test_a_new_key_is_followed_once_it_was_handed_over(town, memory):
    looking(town, memory)
    foreign_key(town)
    assert looking(town, memory).outcome == "unknown_key"
    assert looking(town, memory, [key_of(town.seed, town.origin)]).outcome == "cosigned"
    assert looking(town, memory).outcome == "cosigned"


def test_a_key_that_was_handed_over_counts_at_the_first_look(town, memory):
    assert looking(town, memory, [key_of(bytes([9]) * 32, ORIGIN)]).outcome == "unknown_key"
    assert memory.seen(URL, LOG) is None


def test_a_proof_that_proves_nothing_is_refused(town, memory):
    looking(town, memory)
    town.leaves = leaves(*"abcdefg")
    honest = town.answer

    def lying(request):
        answer = honest(request)
        if "consistency" in request.url.path:
            lines = answer.text.split("\n")
            return httpx.Response(200, text="\n".join([lines[0], lines[2], lines[1], *lines[3:]]))
        return answer

    town.answer = lying
    assert looking(town, memory).outcome == "not_consistent"


def test_a_log_that_gives_no_proof_is_refused(town, memory):
    looking(town, memory)
    town.leaves, honest = leaves(*"abcdefg"), town.answer
    town.answer = lambda request: httpx.Response(404) if request.url.path.endswith("consistency/3") else honest(request)
    found = looking(town, memory)
    assert found.outcome == "not_consistent"
    assert found.detail == "it gives no proof that its 7 entries begin with the 3 that were signed before"


@pytest.mark.parametrize("text", ["", "old 3\n", "old 3\n\nnonsense\n"])
def test_what_is_no_proof_is_said_to_be_none(town, memory, text):
    town.answer = lambda request: httpx.Response(200, text=text)
    assert looking(town, memory, [key_of(town.seed, ORIGIN)]).outcome == "not_a_proof"


def test_a_deployment_that_does_not_answer_is_not_accused(town, memory):
    def gone(request):
        raise httpx.ConnectError("refused")

    for answer in (gone, lambda request: httpx.Response(503)):
        town.answer = answer
        found = looking(town, memory)
        assert (found.outcome, found.code) == ("unreachable", NOT_DONE)


def test_two_checkpoints_of_one_size_shown_to_two_auditors_are_reported(town, memory):
    shown_to_ann = town.note()
    forked(town)
    witness = Witness(URL, memory, [key_of(town.seed, ORIGIN)], client(town))
    found = witness.compare(LOG, shown_to_ann)
    assert (found.outcome, found.code) == ("fork", CONTRADICTED)
    assert {found.before, found.now} == {shown_to_ann, town.note()}


def test_a_checkpoint_from_a_letter_is_one_of_the_log(town, memory):
    kept = town.note()
    town.leaves = leaves(*"abcdefg")
    found = Witness(URL, memory, (), client(town)).compare(LOG, kept)
    assert (found.outcome, found.size) == ("compared", 7)
    rewritten(town)
    assert Witness(URL, memory, (), client(town)).compare(LOG, kept).outcome == "not_consistent"


def test_a_broken_memory_is_never_replaced(tmp_path):
    file = tmp_path / "witness.json"
    for text in (
        "{",
        '{"name":"w","seed":"ab"}',
        '{"name":"w","seed":"%s","logs":{"x":{"keys":[],"note":""}}}' % ("ab" * 32),
    ):
        file.write_text(text)
        with pytest.raises(Broken):
            Memory(file, "w")
        assert file.read_text() == text


def test_a_memory_belongs_to_one_name(tmp_path):
    Memory(tmp_path / "witness.json", NAME)
    with pytest.raises(Broken, match="belongs to the witness"):
        Memory(tmp_path / "witness.json", "somebody.example")
    with pytest.raises(Broken, match="not the name of a key"):
        Memory(tmp_path / "other.json", "with blank")


@pytest.fixture
def command(town, tmp_path, monkeypatch, capsys):
    """Runs `gemeinwerk witness` against the town; exit code, output and error output."""
    monkeypatch.setattr("deploy.witness.asking", lambda: client(town))

    def run(*given):
        state = str(tmp_path / "state" / "witness.json")
        code = main(["witness", URL, "dresden", "--service", "funding", "--state", state, *given])
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def test_the_command_says_one_line_a_log(command, town):
    code, _, said = command()
    assert (code, said) == (2, "gemeinwerk: a new witness needs a --name, such as rechnungshof.example/witness\n")
    code, _, said = command("--name", NAME)
    assert code == NOT_DONE
    town.trusted = [read_key(said.split("signer trust ")[1].split("`")[0])]
    assert command() == (FINE, "✓ dresden/funding: 3 entries, 0 of them new, cosigned\n", "")
    town.leaves = leaves(*"abcde")
    assert command()[1] == "✓ dresden/funding: 5 entries, 2 of them new, cosigned\n"


def test_the_command_refuses_a_fork_with_a_proof(command, town, tmp_path):
    command("--name", NAME)
    before = town.note()
    forked(town)
    code, out, said = command()
    assert (code, out) == (CONTRADICTED, "")
    assert said.startswith("✗ dresden/funding: two different logs of 3 entries are signed\n  The proof lies in ")
    proof = next((tmp_path / "state").glob("contradiction-dresden-funding-*.txt")).read_text()
    assert proof == f"{before}\n{town.note()}"
    code, out, said = command("--json")
    answer = json.loads(out)
    assert (code, said, answer["looks"][0]["outcome"]) == (CONTRADICTED, "", "fork")
    assert read_key(answer["witness"]).name == NAME
    assert command("--begin-again")[0] == NOT_DONE  # not trusted there; but looked at, and remembered
    assert command()[0] == NOT_DONE


def test_the_command_compares_a_kept_checkpoint(command, town, tmp_path):
    kept = tmp_path / "kept.txt"
    kept.write_text(town.note())
    assert command("--name", NAME, "--against", str(kept))[0] == FINE
    forked(town)
    assert command("--against", str(kept))[0] == CONTRADICTED
    kept.write_text("nonsense")
    assert command("--against", str(kept))[0] == NOT_DONE
    assert command("--against", str(tmp_path / "nowhere"))[0] == NOT_DONE
    assert command("--key", "nonsense")[0] == NOT_DONE


def test_the_operator_sees_keys_witnesses_and_logs(town, memory, capsys):
    looking(town, memory)
    signer = ["--signer", str(town.folder)]
    assert main(["signer", "trust", memory.key.text, *signer]) == 0
    assert main(["signer", "trust", key_of(town.seed, "log").text, *signer]) == 1
    assert main(["signer", "rotate", *signer]) == 0
    capsys.readouterr()
    assert main(["signer", "show", "--json", *signer]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (len(shown["keys"]), shown["witnesses"]) == (2, [memory.key.text])
    assert [(log["log"], log["size"]) for log in shown["logs"]] == [(LOG, 3)]
    assert main(["signer", "show", *signer]) == 0
    assert "✓ dresden/funding: 3 entries, root " in capsys.readouterr().out
    assert signed_in(town.shelf.read("dresden", "funding").cosigned).size == 3
