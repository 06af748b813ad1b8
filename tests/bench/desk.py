"""The auditor's desk: how long the server takes to replay an application of 500 events, the page included."""

from datetime import UTC, datetime
from statistics import median
from time import perf_counter

from deploy.embedded import start
from services.funding.domain.checks import Finding
from services.funding.domain.filing import PinRevision
from shared.ids import new_id
from shared.message import Context
from tests.bench.rows import Row, Say, at_most
from tests.deployment import Citizen, Deployment, deployed
from tests.infra import open_folder
from tests.system.fund import LEMGO, Fund

EVENTS = 500
BAR = 200  # ms
_FINE = Finding(code="cap_kept", failing=False, rule="3.1", facts={"cap_cents": 50_000_00})


async def measure(*, quick: bool, say: Say) -> list[Row]:
    """Row `replay_page`: the usual time of the longest page, in ms, in the server's own process; and the worst."""
    with open_folder() as folder, start(folder) as running:
        async with deployed(running.infra) as deployment:
            fund = await _fund(deployment)
            application = await long_application(fund)
            say(f"an application of {EVENTS} events")
            times = [await _view(fund.aldo, application, step) for step in range(1, 11 if quick else 41)]
    slowest = Row(id="replay_page_slowest", figure=1000 * max(times))
    return [at_most("replay_page", 1000 * median(times), BAR), slowest]


async def _fund(deployment: Deployment) -> Fund:
    await deployment.open(LEMGO)
    roles = {"anna": (), "otto": ("funding_officer",), "olga": ("funding_officer", "treasurer"), "rita": ("reviewer",)}
    roles |= {"carl": ("coordinator",), "aldo": ("auditor",)}
    people = {name: await deployment.citizen(f"{name.title()} X.", "lemgo", *held) for name, held in roles.items()}
    fund = Fund(deployment, **people)
    await fund.open()
    return fund


async def long_application(fund: Fund, events: int = EVENTS) -> str:
    """A draft that has been pinned anew until it has so many events, and then submitted."""
    project = await fund.project()
    application = await fund.start(project)
    funding = fund.deployment.site("funding").service
    for number in range(events - 2):
        pin = PinRevision(
            revision_id=new_id(), digest="ab" * 32, finance_digest="cd" * 32, amount_cents=1000_00 + number,
            findings=(_FINE,) * 8,
        )  # fmt: skip
        by = Context(by=fund.anna.person, municipality="lemgo", at=datetime.now(UTC), command_id=new_id())
        await funding.handle("application", application, pin, by)
    submitted = await fund.anna.give("funding", f"application/{application}/submit-application")
    submitted.raise_for_status()
    return application


async def _view(auditor: Citizen, application: str, step: int) -> float:
    begun = perf_counter()
    answer = await auditor.get(f"/funding/applications/{application}/history?step={step * 10}")
    answer.raise_for_status()
    return perf_counter() - begun
