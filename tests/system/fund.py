"""A pot, a team with a frozen plan, two officers and a jury, all over HTTP: what tests of funding start from."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from msgspec import to_builtins

from deploy.towns import Town
from services.funding.domain.rules import Criterion, PotRules
from services.marketplace.domain.municipality import District
from services.planning.domain.plan import FreezeRevision
from shared.contracts.plan import CostLine, FinancePlan, IncomeLine, SchedulePlan
from shared.ids import new_id
from shared.message import Context
from shared.service import Service
from tests.deployment import Citizen, Deployment
from tests.infra import eventually

LEMGO = Town("lemgo", "Lemgo", "NW", "detmold", (District("altstadt", "Altstadt"),))
TITLE = "Lastenrad-Ring Altstadt"
RULES = PotRules(
    title="Richtlinie Lemgo-Fonds",
    applicants=("citizen", "association"),
    cap_cents=50_000_00,
    criteria=(
        Criterion(key="common_good", title="Gemeinwohl", weight=60),
        Criterion(key="feasibility", title="Umsetzbarkeit", weight=40),
    ),
    reviews_needed=1,
    threshold_tenths=35,
    numbers={"cap": "3.1", "balance": "3.5", "applicants": "2.1"},
)
SCHEDULE = SchedulePlan(starts="2027-04-01", ends="2027-12-31")
REASONS = [
    {"criterion": "common_good", "reason": "Kostenlos für alle."},
    {"criterion": "feasibility", "reason": "Vier statt fünf Räder im ersten Jahr."},
]
SCORES = [
    {"criterion": "common_good", "points": 5, "reason": "Offen."},
    {"criterion": "feasibility", "points": 3, "reason": "Ein Standort fehlt."},
]


def plan(cents: int, *, missing: int = 0) -> FinancePlan:
    """A plan that asks a pot for `cents`; with `missing` its incomes lack so much."""
    bikes = CostLine(
        id="k1", label="Räder", category="Sachkosten", quantity=1000, unit_price_cents=cents + missing, month="2027-05"
    )
    return FinancePlan(
        costs=[bikes],
        incomes=[IncomeLine(id="e1", label="Antrag", kind="applied", amount_cents=cents, month="2027-05")],
    )


@dataclass
class Fund:
    """One pot and whom it concerns. `otto` and `olga` decide, `olga` pays, `rita` reviews, `aldo` audits."""

    deployment: Deployment
    anna: Citizen
    otto: Citizen
    olga: Citizen
    rita: Citizen
    carl: Citizen
    aldo: Citizen
    pot: str = field(default_factory=new_id)

    async def open(self, budget_cents: int = 100_000_00, days: int = 365) -> None:
        """Opens the pot with its rules and a call that ends in so many days."""
        opened = {
            "pot_id": self.pot,
            "title": "Lemgo-Fonds",
            "purpose": "Für Projekte aus Lemgo.",
            "source": "Haushalt",
        }
        await done(self.otto, f"pot/{self.pot}/open-pot", opened | {"year": 2026, "budget_cents": budget_cents})
        await done(self.otto, f"pot/{self.pot}/set-rules", {"version": 1, "rules": to_builtins(RULES)})
        today = datetime.now(UTC).date()
        opens, closes = today - timedelta(days=30), today + timedelta(days=days)
        call = {"call_id": "first", "opens": opens.isoformat(), "closes": closes.isoformat()}
        await done(self.otto, f"pot/{self.pot}/open-call", call)

    async def project(self, lead: Citizen | None = None) -> str:
        """A public project of `lead`'s."""
        lead, id = lead or self.anna, new_id()
        idea = {"title": TITLE, "summary": "Fünf Lastenräder an fünf Ecken, kostenlos.", "district": "altstadt"}
        sent = await lead.submit("/projects/new", id=id, picture="bike", **idea)
        assert sent.status_code == 303, sent.text
        published = await self.carl.submit(f"/projects/{id}/publish")
        assert published.status_code == 303, published.text
        site = self.deployment.site("funding")
        await eventually(lambda: site.titles.read("lemgo", "project", id))
        await eventually(lambda: self._leads(lead, id))
        return id

    async def _leads(self, lead: Citizen, project: str) -> bool:
        return project in (await lead.get(f"/funding/pots/{self.pot}")).text

    async def freeze(self, project: str, finance: FinancePlan) -> str:
        """Freezes a revision with these numbers in planning, and waits until funding has heard of it."""
        planning, funding = self.deployment.site("planning").service, self.deployment.site("funding").service
        await eventually(lambda: _opened(planning, project))
        revision = new_id()
        content = {"digest": "ab" * 32, "sequence": 0, "finance": finance, "schedule": SCHEDULE}
        command = FreezeRevision(revision=revision, name="vor der Beratung", **content)
        by = Context(by=self.anna.person, municipality="lemgo", at=datetime.now(UTC), command_id=new_id())
        handled = await planning.handle("plan", project, command, by)
        told = await planning.last_fact("lemgo", handled)
        assert told
        assert await funding.has_heard("lemgo", "planning", told, 10)
        return revision

    async def asked(self, cents: int = 34_000_00) -> str:
        """An application for `cents`, submitted."""
        project = await self.project()
        revision = await self.freeze(project, plan(cents))
        application = await self.start(project)
        await pin(self.anna, application, revision, cents)
        await done(self.anna, f"application/{application}/submit-application")
        return application

    async def start(self, project: str, by: Citizen | None = None) -> str:
        id = new_id()
        command = {"application_id": id, "project_id": project, "pot_id": self.pot, "rules_version": 1}
        await done(by or self.anna, f"application/{id}/start-application", command | {"applicant": "citizen"})
        return id

    async def reviewed(self, cents: int = 34_000_00) -> str:
        """An application that is ready to be decided."""
        application = await self.asked(cents)
        await done(self.otto, f"application/{application}/complete-formal-check")
        await done(self.rita, f"application/{application}/record-review", {"review_id": new_id(), "scores": SCORES})
        return application

    async def ledger(self) -> dict[str, int]:
        shown = (await self.anna.get(f"/api/funding/pots/{self.pot}")).json()
        return shown["ledger"]


async def _opened(planning: Service, project: str) -> bool:
    return bool(await planning.history("lemgo", f"plan-{project}"))


def proposal(cents: int, outcome: str = "partly", **more: Any) -> dict[str, Any]:
    summary = "Vier Räder im ersten Jahr."
    command = {"proposal_id": new_id(), "outcome": outcome, "amount_cents": cents, "reasons": REASONS}
    return command | {"summary": summary} | more


async def done(who: Citizen, path: str, command: dict[str, Any] | None = None) -> dict[str, Any]:
    answer = await who.give("funding", path, command)
    assert answer.status_code == 200, (path, answer.text)
    return answer.json()  # type: ignore[no-any-return]


async def refused(who: Citizen, path: str, command: dict[str, Any] | None = None) -> tuple[int, str]:
    """Status and code of a refusal that also says why, in words."""
    answer = await who.give("funding", path, command)
    problem = answer.json()
    assert answer.status_code >= 400, path
    assert problem["title"] != problem["code"], "a refusal is told in words"
    return answer.status_code, problem["code"]


async def pin(who: Citizen, application: str, revision: str, cents: int) -> dict[str, Any]:
    return await done(who, f"applications/{application}/pin-revision", {"revision_id": revision, "amount_cents": cents})
