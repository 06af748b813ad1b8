"""What was planned beside what was spent, line by line, as figures and as a drawing."""

from collections.abc import Sequence

from markupsafe import Markup
from msgspec import Struct

from services.funding.domain.grant import ProofSubmitted
from shared.contracts.plan import FinancePlan
from shared.money import format_euro

_LEFT, _WIDTH, _ROW = 34.0, 266.0, 34.0


class Compared(Struct, frozen=True):
    """A cost line of the pinned plan, `name` as printed (K1), with what its receipts come to, in cents."""

    line_id: str
    name: str
    label: str
    planned_cents: int
    spent_cents: int
    receipts: int

    @property
    def more_cents(self) -> int:
        """Spent beyond the plan; below zero where less was needed."""
        return self.spent_cents - self.planned_cents


def compared(finance: FinancePlan, proof: ProofSubmitted) -> list[Compared]:
    """Every line of the plan; empty for a proof that only tells its sum."""
    spent = {line.line_id: line for line in proof.lines}
    if not spent:
        return []
    return [
        Compared(
            line.id,
            f"K{number}",
            line.label,
            line.total(),
            spent[line.id].spent_cents if line.id in spent else 0,
            spent[line.id].receipts if line.id in spent else 0,
        )
        for number, line in enumerate(finance.costs, 1)
    ]


def plan_and_actual(lines: Sequence[Compared]) -> Markup:
    """Two bars a line, planned above spent, on one scale; what goes beyond the plan is drawn in another colour."""
    most = max([max(line.planned_cents, line.spent_cents) for line in lines] + [1])
    pieces = Markup("").join(_pair(line, number, most) for number, line in enumerate(lines))
    said = ", ".join(
        f"{line.name} geplant {format_euro(line.planned_cents)}, ausgegeben {format_euro(line.spent_cents)}"
        for line in lines
    )
    whole = Markup('<svg class="gw-draw" viewBox="0 0 300 {:.0f}" role="img" aria-label="{}">{}</svg>')
    return whole.format(_ROW * len(lines), f"Plan und Ausgaben: {said}", pieces)


def _pair(line: Compared, number: int, most: int) -> Markup:
    y, scale = _ROW * number, _WIDTH / most
    planned, spent = line.planned_cents * scale, line.spent_cents * scale
    kept = min(planned, spent)
    name = Markup('<text x="0" y="{:.0f}" class="t-soft">{}</text>').format(y + 18, line.name)
    bars = [_bar("d-c4", _LEFT, y + 4, planned), _bar("d-c1", _LEFT, y + 16, kept)]
    if spent > planned:
        bars.append(_bar("d-c5", _LEFT + planned, y + 16, spent - planned))
    return name + Markup("").join(bars)


def _bar(css: str, x: float, y: float, width: float) -> Markup:
    rect = Markup('<rect class="{}" x="{:.1f}" y="{:.0f}" width="{:.1f}" height="10" rx="2"/>')
    return rect.format(css, x, y, max(width, 0.5))
