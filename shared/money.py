"""Money is whole cents in EUR; nothing here ever sees a float."""

import re

MINUS = "\u2212"
NBSP = "\u00a0"
_AMOUNT = re.compile(
    r"(?P<sign>[-\u2212]?)(?P<whole>\d{1,3}(?:[.\u202f ]\d{3})+|\d+)(?:,(?P<cents>\d{1,2}))?(?:\s*(?:€|EUR))?"
)


def parse_euro(text: str) -> int:
    """Cents from German notation: `1.234,50 €` → 123450. Raises `ValueError` for anything else."""
    match = _AMOUNT.fullmatch(text.replace(NBSP, " ").strip())
    if match is None:
        raise ValueError(text)
    whole = int(re.sub(r"\D", "", match["whole"]))
    cents = int((match["cents"] or "0").ljust(2, "0"))
    amount = whole * 100 + cents
    return -amount if match["sign"] else amount


def format_euro(cents: int, *, unit: bool = True) -> str:
    """German notation with a no-break space and a true minus: 123450 → `1.234,50 €`."""
    whole, rest = divmod(abs(cents), 100)
    text = f"{whole:,}".replace(",", ".") + f",{rest:02d}"
    return (MINUS if cents < 0 else "") + text + (f"{NBSP}€" if unit else "")


def share(amount: int, percent: int) -> int:
    """`percent` of `amount` in cents, rounded down: a share promised is never exceeded by rounding."""
    return amount * percent // 100
