"""What a team types into its proof of use, line by line of the plan, as the fields of `SubmitProof`."""

from collections.abc import Mapping
from typing import Any

from services.funding.domain.grant import SpentLine
from shared.contracts.plan import FinancePlan
from shared.money import format_euro, parse_euro
from shared.web.forms import Fault, Invalid


def spent_of(typed: Mapping[str, str], finance: FinancePlan) -> dict[str, Any]:
    """The lines of `spent-<line>` and `receipts-<line>` with their sums; a line left empty spent nothing.

    Raises `Invalid` with the fields that cannot be read.
    """
    faults: dict[str, Fault] = {}
    lines = [
        SpentLine(
            line_id=line.id,
            spent_cents=_cents(typed, f"spent-{line.id}", faults),
            receipts=_count(typed, f"receipts-{line.id}", faults),
        )
        for line in finance.costs
    ]
    if faults:
        raise Invalid(faults)
    return {
        "spent_cents": format_euro(sum(line.spent_cents for line in lines)),
        "receipts": str(sum(line.receipts for line in lines)),
        "lines": [
            {"line_id": line.line_id, "spent_cents": line.spent_cents, "receipts": line.receipts} for line in lines
        ],
    }


def _cents(typed: Mapping[str, str], name: str, faults: dict[str, Fault]) -> int:
    try:
        cents = parse_euro(typed.get(name, "").strip() or "0")
    except ValueError:
        cents = -1
    if not 0 <= cents <= 2**53 - 1:
        faults[name] = Fault("not_an_amount")
    return cents


def _count(typed: Mapping[str, str], name: str, faults: dict[str, Fault]) -> int:
    text = typed.get(name, "").strip() or "0"
    if not (text.isascii() and text.isdecimal()) or len(text) > 4:
        faults[name] = Fault("not_a_number")
        return 0
    return int(text)
