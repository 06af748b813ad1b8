"""What the pages of the auditor's desk are given."""

from datetime import UTC, datetime
from types import SimpleNamespace as Row
from typing import Any

from services.funding.desk.strip import strip
from services.funding.replay import replay
from tests.funding.files import ACCEPTED


def history(step: int | None = None, **more: Any) -> dict[str, Any]:
    moments = replay(ACCEPTED)  # type: ignore[arg-type]
    steps = [
        Row(
            number=number, at=datetime(2026, 3, 4, 10, number, tzinfo=UTC), title="Antrag eingereicht",
            by="Jury, 1. Person", moment=moment,
        )
        for number, moment in enumerate(moments, 1)
    ]  # fmt: skip
    number = step or len(steps)
    stages = {stage: stage.title() for stage in ("draft", "submitted", "review", "proposed", "decided")}
    focus = Row(
        step=steps[number - 1], on_behalf_of="", position=107, leaf="ab" * 32, proof="/proof",
        notes=[("Betrag", "340,00 €")],
        lines=[
            Row(label="Stand", value="Entschieden", was="In der Jury"), Row(label="Team", value="2 Personen", was=None),
        ],
        force=Row(rules_version=1, pot_version=2, pot_id="fund", revision="Fassung 6", revision_url="/plan"),
        seen=[Row(by="Revision, 1. Person", how="look.file", at=datetime(2026, 3, 5, tzinfo=UTC))],
    )  # fmt: skip
    context = {
        "application_id": "app", "project_id": "bikes", "project_title": "Lastenrad-Ring", "decision_id": "p-1",
        "steps": steps, "focus": focus, "strip": strip(moments, number, stages, "Schritt"), "audits": False,
        "checked": True,
    }  # fmt: skip
    return context | more


DESK: dict[str, tuple[str, str, dict[str, Any], str | None]] = {
    "history": ("history.html", "decisions", history(), None),
    "history-step": ("history.html", "decisions", history(3), None),
    "history-audited": ("history.html", "decisions", history(1, audits=True, decision_id=None), "aldo"),
}
