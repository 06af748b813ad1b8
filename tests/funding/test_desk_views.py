"""What the desk's views keep: looks as they were noted, and of other services' facts what belongs to a project."""

from datetime import UTC, datetime
from types import SimpleNamespace as Row
from typing import Any

from services.funding.domain.look import Looked
from services.funding.domain.pot import PotClosed
from services.funding.views.chronicle import CHRONICLES
from services.funding.views.looks import LOOKS
from shared.contracts.marketplace import MemberJoined, RoleGranted
from shared.contracts.plan import FinancePlan
from shared.contracts.planning import RevisionFrozen
from shared.store import Recorded
from shared.view import Heard

AT = datetime(2026, 3, 4, 10, 20, tzinfo=UTC)
VIEWS = {view.source: view for view in CHRONICLES}


def heard(source: str, fact: Any, project: str = "bikes") -> list[dict[str, Any]]:
    told = Heard(
        id="f", municipality="lemgo", source=source, position=7, project=project, at="2026-03-04T10:20:00Z", fact=fact
    )
    return [row for _, row in VIEWS[source].project(told)]


def recorded(event: Any) -> Recorded:
    return Recorded(Row(municipality="lemgo", position=9, recorded_at=AT, stream="look-1"), event)  # type: ignore[arg-type]


def test_a_chronicle_keeps_what_was_told_of_a_project():
    (row,) = heard("marketplace", MemberJoined(person="ann", role="lead"))
    assert (row["name"], row["facts"]) == ("MemberJoined", {"person": "ann", "role": "lead"})
    assert (row["municipality"], row["project"], row["position"]) == ("lemgo", "bikes", 7)
    assert heard("marketplace", RoleGranted(person="ann", role="auditor"), project="") == []


def test_a_frozen_plan_is_kept_once_and_not_here_again():
    (row,) = heard("planning", RevisionFrozen(revision="r", number=2, digest="d", finance=FinancePlan()))
    assert row["facts"] == {"revision": "r", "number": 2, "digest": "d"}


def test_every_service_that_is_heard_has_a_chronicle():
    assert set(VIEWS) == {"marketplace", "planning", "events"}
    assert len({view.name for view in CHRONICLES}) == 3


def test_a_look_is_kept_as_it_was_noted_and_nothing_else_is():
    seen = Looked(kind="application", of="app", how="file", by="rita", offices=("auditor", "reviewer"), version=4)
    ((_, row),) = LOOKS.project(recorded(seen))
    assert (row["person"], row["offices"], row["version"], row["at"]) == ("rita", "auditor reviewer", 4, AT)
    assert list(LOOKS.project(recorded(PotClosed()))) == []
