"""What funding tells others, and what it does when others tell."""

from services.funding.domain import application, balance, grant, pot, verdict
from services.funding.ledger import posting
from shared.contracts import funding as told
from shared.message import Fact
from shared.store import Recorded

_MONEY = (
    balance.MoneyAdded,
    balance.MoneyReserved,
    balance.ReservationReleased,
    balance.MoneyCommitted,
    balance.CommitmentReleased,
    balance.MoneyPaid,
    balance.MoneyReturned,
    balance.ReturnsReallotted,
    balance.MoneyLapsed,
)


def publish(recorded: Recorded) -> Fact | None:
    """Event → fact: ids, numbers and dates; reasons are read where they stand, on the public decision."""
    match recorded.event:
        case pot.PotOpened(budget_cents=cents):
            return told.PotOpened(pot=recorded.id, budget_cents=cents)
        case pot.RulesSet(version=version, rules=rules):
            return told.PotRulesSet(
                pot=recorded.id,
                version=version,
                minimum_cents=rules.minimum_cents,
                cap_cents=rules.cap_cents,
                share_percent=rules.share_percent,
                own_contribution_percent=rules.own_contribution_percent,
                reviews_needed=rules.reviews_needed,
            )
        case pot.CallOpened(closes=closes):
            return told.CallOpened(pot=recorded.id, closes=closes)
        case pot.CallClosed():
            return told.CallClosed(pot=recorded.id)
        case pot.PotClosed():
            return told.PotClosed(pot=recorded.id)
        case application.ApplicationSubmitted():
            return told.ApplicationSubmitted(application=recorded.id)
        case verdict.DecisionConfirmed(decision_id=decision, outcome=outcome, amount_cents=cents):
            return told.ApplicationDecided(
                application=recorded.id, decision=decision, outcome=outcome, amount_cents=cents
            )
        case verdict.DecisionRevoked(decision_id=decision):
            return told.DecisionRevoked(application=recorded.id, decision=decision)
        case grant.InstalmentPaid(number=number, amount_cents=cents):
            return told.InstalmentPaid(application=recorded.id, number=number, amount_cents=cents)
    if isinstance(recorded.event, _MONEY) and (made := posting(recorded.event)):
        return told.PotMoneyMoved(
            pot=recorded.id, leaves=made.leaves, enters=made.enters, amount_cents=made.amount_cents
        )
    return None
