"""The story of a project tells what everybody may know, newest first."""

from datetime import UTC, datetime, timedelta

from services.marketplace.domain.need import NeedPublished, OfferAccepted, OfferMade
from services.marketplace.domain.project import (
    ProjectDescribed,
    ProjectPhaseMoved,
    ProjectProposed,
    ProjectPublished,
    ProjectReturned,
)
from services.marketplace.domain.team import InvitationDeclined, JoinAsked, JoinDeclined, MemberInvited, MemberJoined
from services.marketplace.story import story
from shared.message import Event
from shared.store import Entry, Recorded

BEGAN = datetime(2026, 9, 12, tzinfo=UTC)


def recorded(*events: tuple[str, Event]) -> list[Recorded]:
    return [Recorded(entry(number, stream), event) for number, (stream, event) in enumerate(events)]


def entry(number: int, stream: str) -> Entry:
    return Entry(
        municipality="dresden", position=number, stream=stream, version=0, event_id="", project="1", type="", form=1,
        body=b"", sealed=None, actor="mira", on_behalf_of="", cause="", correlation="",
        recorded_at=BEGAN + timedelta(days=number), body_digest=b"", sealed_digest=b"", leaf=b"",
    )  # fmt: skip


PROPOSED = ("project-1", ProjectProposed(title="T", summary="S", district="cotta", by="mira"))
PUBLISHED = ("project-1", ProjectPublished(phase="initiation", district="cotta"))
DESCRIBED = ("project-1", ProjectDescribed(title="T", summary="S", district="cotta"))


def test_from_the_idea_to_what_was_found() -> None:
    told = story(
        recorded(
            PROPOSED,
            PUBLISHED,
            ("team-1", MemberJoined(person="jonas", role="member")),
            ("need-7", NeedPublished(project="1", kind="room", what="Ein Lager")),
            ("need-7", OfferAccepted(offer="o")),
            ("project-1", ProjectPhaseMoved(phase="development")),
        )
    )
    assert [(moment.kind, moment.person, moment.text) for moment in told] == [
        ("phase", "", "development"),
        ("found", "", "Ein Lager"),
        ("need", "", "Ein Lager"),
        ("joined", "jonas", ""),
        ("published", "", ""),
        ("proposed", "mira", ""),
    ]
    assert told[-1].at == BEGAN


def test_what_is_nobodys_business_is_left_out() -> None:
    quiet = [
        ("project-1", ProjectReturned(reason="Wer ist gemeint?")),
        ("team-1", JoinAsked(person="lena")),
        ("team-1", JoinDeclined(person="lena")),
        ("team-1", MemberInvited(person="tom")),
        ("team-1", InvitationDeclined(person="tom")),
        ("need-7", OfferMade(offer="o", by="tom")),
    ]
    assert story(recorded(*quiet)) == []


def test_changing_a_text_again_and_again_is_one_moment() -> None:
    told = story(recorded(PUBLISHED, DESCRIBED, DESCRIBED, DESCRIBED))
    assert [moment.kind for moment in told] == ["described", "published"]
    assert told[0].at == BEGAN + timedelta(days=3)


def test_a_redacted_entry_tells_nothing() -> None:
    assert story([Recorded(entry(0, "project-1"), None)]) == []
