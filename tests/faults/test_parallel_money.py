"""Fault 33: fifty decisions, withdrawals and payments at once on one pot; the money is exact and four eyes are two."""

import asyncio
from collections import Counter as Tally
from datetime import UTC, datetime

import pytest

from services.funding.books import Books
from services.funding.domain.application import Decided, Submitted, Withdrawn
from services.funding.domain.applying import StartApplication, SubmitApplication, WithdrawApplication, applying
from services.funding.domain.decision import ConfirmDecision, ContradictDecision, ProposeDecision, decision
from services.funding.domain.filing import CompleteFormalCheck, PinRevision, application
from services.funding.domain.grant import AcceptDecision
from services.funding.domain.payment import PayInstalment, payment
from services.funding.domain.pot import OpenCall, OpenPot, SetRules, pot
from services.funding.domain.rules import PotRules
from services.funding.ledger import ledger
from shared.category import Category
from shared.decider import Rejected
from shared.ids import new_id
from shared.message import Context
from shared.store.codec import Codec
from shared.store.postgres import PostgresStore
from shared.web.render import Renderer
from tests.counter import create_service_database
from tests.faults.sizes import sizes
from tests.infra import drop_database

ASKED, FIT = 1_000_00, 20
CODEC = Codec([pot, application])


@pytest.fixture
async def store(infra):
    _, url = await create_service_database(infra, "funding")
    opened = await PostgresStore.open(url, size=50)
    yield opened
    await opened.close()
    await drop_database(infra, url)


class Office:
    """Handles commands on one pot; a refusal is an answer, anything else is a fault."""

    def __init__(self, store):
        self.store = store
        deciders = {"pot": pot, "application": application, "applying": applying}
        deciders |= {"decision": decision, "payment": payment}
        self.categories = {name: Category(store, CODEC, decider) for name, decider in deciders.items()}
        self.refusals = []

    async def give(self, category, id, command, by, command_id=None):
        at = datetime(2026, 6, 1, 12, tzinfo=UTC)
        context = Context(by=by, municipality="dresden", at=at, command_id=command_id or new_id())
        try:
            return await self.categories[category].handle(id, command, context)
        except Rejected as refusal:
            self.refusals.append(refusal)
            return refusal

    async def open(self):
        opened = OpenPot(pot_id="p", title="T", purpose="P", source="S", year=2026, budget_cents=FIT * ASKED)
        await self.give("pot", "p", opened, "otto")
        await self.give("pot", "p", SetRules(version=1, rules=PotRules(title="R")), "otto")
        await self.give("pot", "p", OpenCall(call_id="c", opens="2026-01-01", closes="2026-12-31"), "otto")

    async def ready(self, id):
        """An application that only needs to be decided; ann leads its team."""
        start = StartApplication(
            application_id=id, project_id=f"of-{id}", pot_id="p", applicant="citizen", rules_version=1
        )
        pin = PinRevision(revision_id="r", digest="d", finance_digest="d", amount_cents=ASKED, findings=())
        await self.give("applying", (id, "p"), start, "ann")
        await self.give("application", id, pin, "ann")
        await self.give("applying", (id, "p"), SubmitApplication(), "ann")
        await self.give("application", id, CompleteFormalCheck(), "otto")

    async def books(self):
        entries = await self.store.entries("dresden", 0, 10_000, stream="pot-p")
        return Books([CODEC.recorded(entry) for entry in entries])

    async def states(self, ids):
        return [(await self.categories["application"].state(id, "dresden"))[0] for id in ids]


def proposal(id):
    return ProposeDecision(proposal_id=f"p-{id}", outcome="granted", amount_cents=ASKED, reasons=(), summary="Ja.")


async def never_overdrawn(office, held):
    """At no point of the pot's history was any account below zero; at its end `held` is out of it."""
    books = await office.books()
    for length in range(1, len(books.recorded) + 1):
        seen = ledger(one.event for one in books.recorded[:length])
        assert all(cents >= 0 for account, cents in seen.balances.items() if account != "budget"), length
        assert sum(seen.balances.values()) == 0
    balances = books.ledger().balances
    assert balances["reserved"] + balances["committed"] + balances["paid"] == held
    assert balances["available"] == FIT * ASKED - held
    return balances


def all_explained(office):
    renderer = Renderer()
    for refusal in office.refusals:
        assert renderer.say(refusal.code, refusal.facts) != refusal.code, refusal


@sizes("applications", 50, 250)
async def test_parallel_decisions_never_promise_more_than_the_pot_holds(store, applications, verdict):
    office = Office(store)
    await office.open()
    ids = [f"a{number}" for number in range(applications)]
    async with asyncio.timeout(30 + applications):
        await asyncio.gather(*(office.ready(id) for id in ids))
        assert office.refusals == []

        async def decide(number, id):
            """Otto proposes; he and another confirm at the same time, some of them twice; every fifth is opposed."""
            await office.give("decision", (id, "p"), proposal(id), "otto")
            said = ContradictDecision if number % 5 == 0 else ConfirmDecision
            extra = {"reason": "Nein."} if said is ContradictDecision else {}
            again = new_id()
            await asyncio.gather(
                office.give("decision", (id, "p"), ConfirmDecision(proposal_id=f"p-{id}"), "otto"),
                office.give("decision", (id, "p"), said(proposal_id=f"p-{id}", **extra), "olga", again),
                office.give("decision", (id, "p"), said(proposal_id=f"p-{id}", **extra), "olga", again),
            )

        await asyncio.gather(*(decide(number, id) for number, id in enumerate(ids)))
    states = await office.states(ids)
    decided = [state for state in states if isinstance(state, Decided)]
    codes = Tally(refusal.code for refusal in office.refusals)
    balances = await never_overdrawn(office, len(decided) * ASKED)
    assert balances["reserved"] == 0
    assert 0 < len(decided) <= FIT
    assert set(codes) <= {"pot_overdrawn", "same_officer", "proposal_gone", "decided_already"}
    assert codes["same_officer"] + codes["decided_already"] >= len(decided) // 2
    all_explained(office)
    verdict(
        33,
        f"{applications} decisions at once on a pot for {FIT}, confirmed by the proposer too, and twice by another",
        "never more promised than there is, no one decides alone, every refusal has words",
        f"{len(decided)} granted, accounts exact at every event, refusals: {dict(codes)}",
    )


@sizes("applications", 20, 100)
async def test_parallel_payments_and_withdrawals_count_once(store, applications, verdict):
    office = Office(store)
    await office.open()
    ids = [f"a{number}" for number in range(min(applications, FIT))]
    async with asyncio.timeout(30 + applications):
        await asyncio.gather(*(office.ready(id) for id in ids))
        await asyncio.gather(*(office.give("decision", (id, "p"), proposal(id), "otto") for id in ids))

        async def confirm_or_withdraw(id):
            await asyncio.gather(
                office.give("decision", (id, "p"), ConfirmDecision(proposal_id=f"p-{id}"), "olga"),
                office.give("applying", (id, "p"), WithdrawApplication(), "ann"),
            )

        await asyncio.gather(*(confirm_or_withdraw(id) for id in ids))
        states = dict(zip(ids, await office.states(ids), strict=True))
        granted = [id for id, state in states.items() if isinstance(state, Decided)]
        assert not [state for state in states.values() if isinstance(state, Submitted)]
        assert len(granted) + sum(isinstance(state, Withdrawn) for state in states.values()) == len(ids)
        await asyncio.gather(*(office.give("application", id, AcceptDecision(), "ann") for id in granted))

        async def pay(id):
            """The whole sum ten times: five times the same instalment, five times another one."""
            payments = [PayInstalment(payment_id=f"{id}-{min(n, 5)}", amount_cents=ASKED) for n in range(10)]
            await asyncio.gather(*(office.give("payment", (id, "p"), one, "kassa") for one in payments))

        await asyncio.gather(*(pay(id) for id in granted))
    balances = await never_overdrawn(office, len(granted) * ASKED)
    assert balances["paid"] == len(granted) * ASKED
    assert {refusal.code for refusal in office.refusals} <= {
        "beyond_the_grant", "decided_already", "application_withdrawn", "not_possible_now", "proposal_gone",
    }  # fmt: skip
    all_explained(office)
    verdict(
        33,
        f"{len(ids)} confirmations against {len(ids)} withdrawals, then every grant paid ten times at once",
        "one of the two holds, each grant is paid once",
        f"{len(granted)} granted and paid once, {len(ids) - len(granted)} withdrawn",
    )
