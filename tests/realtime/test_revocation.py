"""A revocation closes what all that it names has opened, and nothing else."""

import pytest

from services.realtime.sync.hall import Revocation
from shared.access.tickets import Right, Ticket


def ticket(person: str = "ann", right: Right = "write", document: str = "plan-1") -> Ticket:
    return Ticket(
        session="s-1", municipality="dresden", person=person, document=document, right=right, name="Ann", hue=1,
        schema=1, nonce="n", expires=0,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("revoked", "told", "hit"),
    [
        (Revocation(person="ann"), ticket(), True),
        (Revocation(person="ann"), ticket("bob"), False),
        (Revocation(person="ann", document="plan-2"), ticket(), False),
        (Revocation(person="ann", right="comment"), ticket(right="comment"), True),
        (Revocation(person="ann", right="comment"), ticket(right="write"), False),
        (Revocation(right="comment"), ticket(right="comment"), False),
        (Revocation(), ticket(), False),
    ],
)
def test_all_that_is_named_must_fit(revoked: Revocation, told: Ticket, hit: bool) -> None:
    assert revoked.hits("dresden", told) is hit
    assert not revoked.hits("detmold", told)


def test_a_session_ends_in_every_town() -> None:
    assert Revocation(session="s-1").hits("deployment", ticket())
