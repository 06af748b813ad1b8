"""The demo's applications: one that was decided and is being paid, one that the jury is reading."""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from deploy.demo import drafts, plans
from deploy.demo.funding import pot_id
from deploy.paper import page
from services.funding.beside import kept_papers
from services.funding.domain.application import CriterionScore
from services.funding.domain.applying import StartApplication, SubmitApplication
from services.funding.domain.attachment import AddAttachment
from services.funding.domain.decision import ConfirmDecision, ProposeDecision
from services.funding.domain.filing import CompleteFormalCheck, NoteTeam
from services.funding.domain.grant import AcceptDecision, Condition
from services.funding.domain.impartiality import SERVICE
from services.funding.domain.jury import AssignReviewer, RecordRecommendation, RecordReview
from services.funding.domain.payment import PayInstalment
from services.funding.domain.verdict import CriterionReason
from services.funding.filing import Pin, dossier, pinning
from services.planning.adapters.office import Office
from shared.contracts.documents import Cost, Income, Plan
from shared.documents import read_plan
from shared.ids import following
from shared.message import Command, Context
from shared.papers import Papers
from shared.web.site import Site

_TOWN: Final = "dresden"
_PAPERS: Final = {"profile": "Projektprofil", "offers": "Drei Vergleichsangebote"}
_CRITERIA: Final = ("common_good", "participation", "sustainability", "feasibility", "continuation")
_REASONS: Final = (
    "Kostenlos für alle, auch ohne Konto und Kreditkarte. Fünf Standorte in Wegweite von 11.000 Menschen.",
    "Zwölf Menschen aus drei Häusern und ein Fahrradladen tragen das Team. Pflege-Abende sind offen.",
    "Ersetzt nach der Erhebung des Teams rund 900 Autofahrten im Jahr.",
    "Wartung ist gut geplant. Für den Standort Hechtstraße fehlt noch die Erlaubnis, deshalb vier statt fünf Räder.",
    "Spenden und Patenschaften decken die Wartung ab dem zweiten Jahr zu zwei Dritteln.",
)
_POINTS: Final = ((5, 5, 4, 3, 3), (4, 5, 4, 3, 4), (5, 4, 5, 3, 3))


class Case(Struct, frozen=True, kw_only=True):
    """A project's application for `asked` euros; costs as (label, category, how many, unit, euros each)."""

    title: str
    lead: str
    asked: int
    own: int
    costs: tuple[tuple[str, str, int, str, int], ...]
    jury: tuple[str, ...]
    granted: int = 0


_CASES: Final = (
    Case(
        title="Lastenrad-Ring Neustadt",
        lead="Jonas T.",
        asked=34_000,
        own=6_000,
        costs=(
            ("Lastenräder mit Anhänger", "Investition", 5, "Stück", 5_200),
            ("Abstellbügel und Schlösser", "Sachkosten", 5, "Standorte", 640),
            ("Versicherung, ein Jahr", "Sachkosten", 5, "Räder", 360),
            ("Buchung und Schilder", "Öffentlichkeit", 1, "pauschal", 3_000),
            ("Wartung und Ersatzteile", "Sachkosten", 12, "Monate", 500),
        ),
        jury=("Jutta R.", "Rosa E.", "Kofi D."),
        granted=27_200,
    ),
    Case(
        title="Essbare Höfe Johannstadt",
        lead="Duc N.",
        asked=8_400,
        own=1_200,
        costs=(
            ("Sträucher und Stauden", "Sachkosten", 6, "Höfe", 620),
            ("Erde, Kompost, Hochbeete", "Sachkosten", 6, "Höfe", 540),
            ("Pflanzkurse", "Honorar", 12, "Termine", 220),
        ),
        jury=("Jutta R.", "Rosa E.", "Kofi D."),
    ),
)


async def load(sites: Mapping[str, Site], town: str, projects: Mapping[str, str], people: Mapping[str, str]) -> None:
    """Brings both applications to where they stand; `projects` are ids by title, `people` pseudonyms by name. A second
    time, and in any other town, nothing happens."""
    if town != _TOWN:
        return
    for case in _CASES:
        told = await _freeze(sites["planning"], projects[case.title], people[case.lead], case)
        await sites["funding"].service.has_heard(_TOWN, "planning", told, 30)
        await _Desk(sites["funding"], projects[case.title], case, people).bring()


def _money(case: Case, today: date) -> dict[str, Any]:
    month = drafts.begins(today).isoformat()[:7]
    costs = tuple(
        Cost(
            id=f"cost-{number}", order=f"d{number}", label=label, category=category, quantity=many * 1000, unit=unit,
            unit_price_cents=euros * 100, month=month,
        )
        for number, (label, category, many, unit, euros) in enumerate(case.costs)
    )  # fmt: skip
    sources: tuple[tuple[str, Any, int], ...] = (
        ("Zukunftsstadt-Fonds", "applied", case.asked),
        ("Spenden und Mitgliedsbeiträge", "own", case.own),
    )
    incomes = tuple(
        Income(id=f"income-{kind}", order=f"d{number}", label=label, kind=kind, amount_cents=euros * 100, month=month)
        for number, (label, kind, euros) in enumerate(sources)
    )
    return {"costs": costs, "incomes": incomes}


async def _freeze(site: Site, project: str, lead: str, case: Case) -> int:
    """Writes the plan as ordinary edits and freezes it; the position of the fact that tells of it."""
    office, today = Office(site.service, site.documents), site.clock().date()
    await plans.opened(site, _TOWN, project)
    written = drafts.parts(case.title, today) | _money(case, today)
    if read_plan((await office.content(_TOWN, project))[0])[0] == Plan():
        await office.edit(_TOWN, project, lead, lambda plan: replace(plan, **written))
    return await plans.freeze(site, _TOWN, project, lead, "Antrag")


class _Desk:
    """Gives the commands of one case, each once, in the name of whom it is up to."""

    def __init__(self, site: Site, project: str, case: Case, people: Mapping[str, str]) -> None:
        self._site, self._project, self._case, self._people = site, project, case, people
        self._pot = pot_id(_TOWN)
        self._id = following(project, "demo-application")

    async def bring(self) -> None:
        case, lead = self._case, self._case.lead
        start = StartApplication(
            application_id=self._id, project_id=self._project, pot_id=self._pot, applicant="citizen", rules_version=1
        )
        await self._give("applying", lead, start)
        await self._give("application", "", NoteTeam(members=(self._people[lead],)))
        pin = Pin(revision_id=following(self._project, "demo-revision"), amount_cents=case.asked * 100)
        service, today = self._site.service, self._site.clock().date()
        file = await dossier(service, _TOWN, self._id)
        await self._give("application", lead, await pinning(service, _TOWN, today, file, pin))
        for document, title in _PAPERS.items():
            await self._attach(document, title)
        await self._give("applying", lead, SubmitApplication())
        await self._give("application", "Frank O.", CompleteFormalCheck())
        for name in case.jury:
            await self._give("application", "Frank O.", AssignReviewer(reviewer=self._people[name]))
        for name, points in zip(case.jury if case.granted else case.jury[:1], _POINTS, strict=False):
            await self._give("application", name, self._review(name, points))
        if case.granted:
            await self._decide(case.granted * 100)

    async def _attach(self, document: str, title: str) -> None:
        lines = (f"{label}: {many} {unit}, je {euros} Euro" for label, _, many, unit, euros in self._case.costs)
        body = page(title, (self._case.title, "", *lines))
        digest = await Papers(self._site.service.engine, kept_papers).keep(_TOWN, body)
        id = following(self._id, document)
        paper = AddAttachment(attachment_id=id, digest=digest, kind="pdf", size=len(body), document=document)
        await self._give("application", self._case.lead, paper)

    def _review(self, name: str, points: tuple[int, ...]) -> RecordReview:
        reason = "Nach den Unterlagen gut begründet; die offenen Fragen nennt das Team selbst."
        scores = tuple(
            CriterionScore(criterion=key, points=given, reason=reason)
            for key, given in zip(_CRITERIA, points, strict=True)
        )
        return RecordReview(review_id=following(self._id, name), scores=scores)

    async def _decide(self, cents: int) -> None:
        decision = following(self._id, "decision")
        insured = Condition(
            condition_id=following(decision, "insured"), text="Versicherung der Räder nachweisen", before_instalment=2
        )
        reasons = tuple(
            CriterionReason(criterion=key, reason=why) for key, why in zip(_CRITERIA, _REASONS, strict=True)
        )
        summary = (
            "Vier Räder statt fünf im ersten Jahr. Das fünfte kann nachbeantragt werden, sobald der Standort steht."
        )
        proposal = ProposeDecision(
            proposal_id=decision, outcome="partly", amount_cents=cents, reasons=reasons, summary=summary,
            conditions=(insured,),
        )  # fmt: skip
        advice = RecordRecommendation(
            recommendation_id=following(self._id, "advice"), outcome="partly", amount_cents=cents
        )
        await self._give("application", "Jutta R.", advice)
        await self._give("decision", "Frank O.", proposal)
        await self._give("decision", "Greta L.", ConfirmDecision(proposal_id=decision))
        await self._give("application", self._case.lead, AcceptDecision())
        first = PayInstalment(payment_id=following(decision, "first"), amount_cents=cents * 6 // 10)
        await self._give("payment", "Greta L.", first)

    async def _give(self, category: str, name: str, command: Command) -> None:
        by = self._people[name] if name else SERVICE
        ids = self._id if category == "application" else (self._id, self._pot)
        which = getattr(command, "reviewer", getattr(command, "document", ""))
        id = following(self._id, f"{type(command).__name__} {name} {which}")
        context = Context(by=by, municipality=_TOWN, at=self._site.clock(), command_id=id)
        await self._site.service.handle(category, ids, command, context)
