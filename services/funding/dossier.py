"""An application's file as pages read it: folded from its events, with the words that its state does not keep."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import TypeVar

from msgspec import Struct

from services.funding.domain.application import (
    Application,
    ApplicationStarted,
    ApplicationSubmitted,
    CorrectionAsked,
    CriterionScore,
    Decided,
    File,
    Proposed,
    RecommendationRecorded,
    ReviewRecorded,
    RevisionPinned,
    Started,
)
from services.funding.domain.attachment import AttachmentAdded
from services.funding.domain.grant import (
    Condition,
    ConditionFulfilled,
    Grant,
    InstalmentPaid,
    ProofChecked,
    ProofSubmitted,
)
from services.funding.domain.score import Standing, standing
from services.funding.domain.verdict import (
    Decision,
    DecisionConfirmed,
    DecisionProposed,
    DecisionRevoked,
    LetterIssued,
    ObjectionAnswered,
    ObjectionRecorded,
    RevocationLetterIssued,
    RevocationProposed,
)
from services.funding.replay import Moment, Stage, replay, stage_of
from shared.message import Event
from shared.store import Recorded

E = TypeVar("E", bound=Event)


class Promise(Struct, frozen=True):
    """A condition, and the day on which it was fulfilled, ISO."""

    condition_id: str
    text: str
    until: str | None
    before_instalment: int | None
    fulfilled_on: str | None


class Review(Struct, frozen=True):
    """One review that counts: points and reason by criterion."""

    by: str
    scores: dict[str, CriterionScore]


class Payment(Struct, frozen=True):
    number: int
    amount_cents: int
    at: datetime


class Dossier:
    """Everything about one application. `recorded` is its whole stream, at least the event that started it."""

    def __init__(self, recorded: Sequence[Recorded]) -> None:
        self.recorded = [one for one in recorded if one.event is not None]
        self.moments: list[Moment] = replay(one.event for one in self.recorded)  # type: ignore[misc]
        started = self.recorded[0].event
        assert isinstance(started, ApplicationStarted)
        self.started = started
        self.id = self.recorded[0].id

    @property
    def state(self) -> Application:
        return self.moments[-1].state

    @property
    def file(self) -> File:
        state: Started = self.state  # type: ignore[assignment]
        return state.file

    @property
    def stage(self) -> Stage:
        return stage_of(self.state)

    @property
    def version(self) -> int:
        return self.recorded[-1].entry.version

    @property
    def submitted(self) -> bool:
        """Whether it has ever left the team's desk."""
        return self._last(ApplicationSubmitted) is not None

    @property
    def decided(self) -> bool:
        """Whether there is, or ever was, a decision: from then on its history is public."""
        return self._last(DecisionConfirmed) is not None

    def at(self, event: Event) -> datetime:
        return next(one.entry.recorded_at for one in reversed(self.recorded) if one.event is event)

    def pin(self) -> RevisionPinned | None:
        return self._last(RevisionPinned)

    def correction(self) -> CorrectionAsked | None:
        """What is asked for and not yet corrected."""
        return self._last(CorrectionAsked) if self.file.formal == "correction" else None

    def proposal(self) -> DecisionProposed | RevocationProposed | None:
        """The proposal that waits for a second officer."""
        if not isinstance(self.state, Proposed):
            return None
        id = self.state.proposal.proposal_id
        for one in self.recorded:
            if isinstance(one.event, DecisionProposed | RevocationProposed) and one.event.proposal_id == id:
                return one.event
        return None

    def decision(self) -> Decision | None:
        """The decision that stands."""
        return self.state.decision if isinstance(self.state, Decided | Proposed) else None

    def verdict(self, id: str) -> tuple[DecisionConfirmed, DecisionProposed] | None:
        """A decision, standing or revoked, with the proposal that holds its reasons."""
        confirmed = next((event for event in self._all(DecisionConfirmed) if event.decision_id == id), None)
        if confirmed is None:
            return None
        return confirmed, next(event for event in self._all(DecisionProposed) if event.proposal_id == id)

    def revoked(self, decision_id: str) -> DecisionRevoked | None:
        return next((event for event in self._all(DecisionRevoked) if event.decision_id == decision_id), None)

    def revocation(self, id: str) -> tuple[DecisionRevoked, RevocationProposed] | None:
        """What revoked a decision, with the proposal that says why."""
        revoked = next((event for event in self._all(DecisionRevoked) if event.proposal_id == id), None)
        if revoked is None:
            return None
        return revoked, next(event for event in self._all(RevocationProposed) if event.proposal_id == id)

    def last_revocation(self) -> tuple[DecisionRevoked, RevocationLetterIssued | None] | None:
        """What revoked last, with its letter once that is written."""
        if (revoked := self._last(DecisionRevoked)) is None:
            return None
        letters = (event for event in self._all(RevocationLetterIssued) if event.revocation_id == revoked.proposal_id)
        return revoked, next(letters, None)

    def scores(self) -> Standing:
        """What the counting reviews come to."""
        return standing(self.started.criteria, [tuple(one.scores.values()) for one in self.reviews()])

    def reviews(self) -> list[Review]:
        """Those that count, in the order in which they came."""
        counting = set(self.file.reviews.values())
        given = [event for event in self._all(ReviewRecorded) if event.review_id in counting]
        return [Review(event.by, {score.criterion: score for score in event.scores}) for event in given]

    @property
    def all_reviewed(self) -> bool:
        """Whether everybody has reviewed who is waited for."""
        file = self.file
        return len(file.reviews) >= file.reviews_awaited and file.assigned <= file.reviews.keys()

    def recommendation(self) -> RecommendationRecorded | None:
        return self._last(RecommendationRecorded)

    def grant(self) -> Grant | None:
        decision = self.decision()
        return decision.grant if decision else None

    def promises(self, conditions: Sequence[Condition]) -> list[Promise]:
        done = {event.condition_id: self.at(event).date().isoformat() for event in self._all(ConditionFulfilled)}
        return [
            Promise(one.condition_id, one.text, one.until, one.before_instalment, done.get(one.condition_id))
            for one in conditions
        ]

    def payments(self) -> list[Payment]:
        return [Payment(event.number, event.amount_cents, self.at(event)) for event in self._all(InstalmentPaid)]

    def proof(self) -> tuple[ProofSubmitted, ProofChecked | None] | None:
        submitted, checked = self._last(ProofSubmitted), self._last(ProofChecked)
        if submitted is None:
            return None
        return submitted, checked if checked and checked.proof_id == submitted.proof_id else None

    def attachments(self) -> list[AttachmentAdded]:
        """Those that were not taken away again."""
        there = set(self.file.attachments)
        return [event for event in self._all(AttachmentAdded) if event.attachment_id in there]

    def papers(self) -> dict[str, str]:
        """Everything that lies beside the log: digest → the name under which it is downloaded."""
        found = {event.digest: "bescheid" for event in self._all(LetterIssued)}
        found |= {event.digest: "widerruf" for event in self._all(RevocationLetterIssued)}
        for proof in self._all(ProofSubmitted):
            found |= {proof.digest: "nachweis"}
            found |= {one.digest: f"beleg-{number}" for number, one in enumerate(proof.papers, 1)}
        return found | {one.digest: f"anlage-{number}" for number, one in enumerate(self.attachments(), 1)}

    def letter(self) -> LetterIssued | None:
        return self._last(LetterIssued)

    def objection(self) -> tuple[ObjectionRecorded, ObjectionAnswered | None] | None:
        recorded, answered = self._last(ObjectionRecorded), self._last(ObjectionAnswered)
        if recorded is None:
            return None
        return recorded, answered if answered and answered.objection_id == recorded.objection_id else None

    def day(self, event: Event) -> date:
        return self.at(event).date()

    def _last(self, kind: type[E]) -> E | None:
        found = None
        for event in self._all(kind):
            found = event
        return found

    def _all(self, kind: type[E]) -> Iterator[E]:
        return (one.event for one in self.recorded if isinstance(one.event, kind))
