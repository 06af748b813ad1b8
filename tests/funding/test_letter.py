from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace as Row

from msgspec.structs import replace

from services.funding.books import Books
from services.funding.domain.verdict import DecisionConfirmed, DecisionProposed, DecisionRevoked, RevocationProposed
from services.funding.dossier import Dossier
from services.funding.letter import TEMPLATE, letter
from services.funding.revocation import TEMPLATE as REVOCATION
from services.funding.revocation import revocation
from shared.audit.signer import Seal
from shared.message import Event
from shared.print import Press
from tests.funding.files import DECIDED, POT, REASONS, REVIEWED
from tests.paper import standards, tags, text

REVOKED = (
    *DECIDED,
    RevocationProposed(
        proposal_id="v-1", legal_basis="§ 49 Abs. 3 VwVfG", reason="Die Auflage wurde verfehlt.", by="otto"
    ),
    DecisionRevoked(
        decision_id="p-1", proposal_id="v-1", legal_basis="§ 49 Abs. 3 VwVfG", proposed_by="otto", by="olga"
    ),
)
MORNING = datetime(2026, 3, 4, 9, 0, tzinfo=UTC)
SEAL = Seal(origin="gemeinwerk.example/dresden/audit/funding", size=48_213, root="q1Xw" * 11, key="8f3a91c4")
ADDRESS = "https://gemeinwerk.example/dresden/audit"


def recorded(id: str, events: Sequence[Event]) -> list[Row]:
    return [
        Row(event=event, id=id, entry=Row(position=number, version=number, recorded_at=MORNING + timedelta(number)))
        for number, event in enumerate(events, 1)
    ]


def written(events: Sequence[Event] = DECIDED, seal: Seal | None = SEAL) -> dict[str, object]:
    file, pot = Dossier(recorded("app", events)), Books(recorded("fund", POT))  # type: ignore[arg-type]
    return letter(file, pot, "Dresden", "Lastenrad-Ring Neustadt", ADDRESS, seal)


def test_a_letter_says_amount_conditions_and_the_reason_of_every_criterion():
    data = written()
    assert data["ruling"] == "Ihrem Antrag wird teilweise entsprochen. Bewilligt werden 272,00\u00a0€ von " + (
        "beantragten 340,00\u00a0€."
    )
    assert data["conditions"] == ["Versicherung nachweisen (vor der 2. Rate)"]
    assert data["reasons"] == [
        {"title": "Gemeinwohl (zählt 60\u00a0%)", "text": "Offen für alle."},
        {"title": "Umsetzbarkeit (zählt 40\u00a0%)", "text": "Vier statt fünf Räder."},
    ]
    assert data["weighing"] == "1 Gutachten ergeben nach Gewicht 4,2 von 5 Punkten."
    assert "innerhalb eines Monats" in str(data["objection"])
    assert ["Einträge", "48213"] in data["seal"]  # type: ignore[operator]


def test_a_rejection_says_no_amount_and_no_next_steps():
    no = DecisionProposed(
        proposal_id="p-1", outcome="rejected", amount_cents=0, conditions=(), reasons=REASONS, summary="Nein.",
        by="otto",
    )  # fmt: skip
    confirmed = DecisionConfirmed(decision_id="p-1", outcome="rejected", amount_cents=0, proposed_by="otto", by="olga")
    data = written((*REVIEWED, no, confirmed))
    assert data["ruling"] == "Ihr Antrag über 340,00\u00a0€ wird abgelehnt."
    assert (data["next"], data["conditions"]) == ([], [])


async def test_the_letter_is_a_pdf_that_everybody_can_read():
    evil = replace(DECIDED[-2], summary="#panic() <b>Räder</b> *eins* $x$ 👩‍🚀")  # type: ignore[type-var]
    made = await Press().pdf(TEMPLATE, written((*DECIDED[:-2], evil, DECIDED[-1])), MORNING)
    assert standards(made) == (True, True)
    assert {"/H1", "/H2", "/Table", "/TH", "/L"} <= tags(made)
    words = text(made)
    for said in ("272,00", "Versicherung nachweisen", "Offen für alle.", "Rechtsbehelfsbelehrung", "#panic() <b>"):
        assert said in words
    assert SEAL.key in words


async def test_a_revocation_is_told_with_its_legal_basis_and_how_to_object():
    file, pot = Dossier(recorded("app", REVOKED)), Books(recorded("fund", POT))  # type: ignore[arg-type]
    data = revocation(file, pot, "Dresden", "Lastenrad-Ring Neustadt", ADDRESS, SEAL, "v-1")
    assert data["ruling"] == "Der Bescheid vom 12. März 2026 über 272,00\u00a0€ wird widerrufen."
    made = await Press().pdf(REVOCATION, data, MORNING)
    assert standards(made) == (True, True)
    assert {"/H1", "/L"} <= tags(made)
    words = text(made)
    for said in ("§ 49 Abs. 3 VwVfG", "Die Auflage wurde verfehlt.", "Rechtsbehelfsbelehrung", "§ 70 VwGO", SEAL.key):
        assert said in words


async def test_without_a_checkpoint_the_letter_does_without():
    made = await Press().pdf(TEMPLATE, written(seal=None), MORNING)
    assert "Prüfpunkt" not in text(made)
