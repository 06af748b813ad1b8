"""Holds a plan against the rules of a pot and names every line that does not fit."""

from collections.abc import Sequence, Set
from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from services.funding.domain.rules import Applicant, PotRules, deadline_for, excluded
from shared.contracts.plan import FinancePlan, IncomeLine, SchedulePlan
from shared.money import share

_OWN_KINDS = ("own", "donation", "in_kind", "volunteer")


class Finding(Struct, frozen=True, kw_only=True):
    """What a rule says about a plan: `line` is the printed name (K7, E3), `line_id` the row it lives in."""

    code: str
    failing: bool
    rule: str | None = None
    line_id: str | None = None
    line: str | None = None
    facts: dict[str, int | str] = {}


def check(
    rules: PotRules,
    finance: FinancePlan,
    schedule: SchedulePlan | None,
    amount: int,
    today: date,
    applicant: Applicant | None = None,
) -> list[Finding]:
    """Every rule's finding on a plan that asks for `amount` cents: failing ones first, then what is kept.

    Pure and whole: nothing stops at the first failure, so that a team sees all that is left to do.
    """
    found = [
        *_balance(rules, finance, amount),
        *_lines(rules, finance, schedule),
        *_amount(rules, finance, amount),
        *_volunteers(rules, finance),
        *_dates(rules, schedule, amount, today),
        *_papers(rules, amount, applicant),
    ]
    return sorted(found, key=lambda finding: not finding.failing)


def eligible_costs(rules: PotRules, finance: FinancePlan) -> int:
    """Cents of the cost lines that the pot may share in."""
    return sum(line.total() for line in finance.costs if not excluded(rules, line.category))


def _found(rules: PotRules, rule: str, fails: bool, broken: str, kept: str, **facts: int | str) -> Finding:
    return Finding(code=broken if fails else kept, failing=fails, rule=rules.numbers.get(rule), facts=facts)


def _balance(rules: PotRules, finance: FinancePlan, amount: int) -> list[Finding]:
    totals = finance.totals()
    missing, applied = totals.missing_cents, totals.by_kind.get("applied", 0)
    broken = "income_missing" if missing > 0 else "income_beyond_costs"
    return [
        _found(rules, "balance", missing != 0, broken, "balanced", missing_cents=abs(missing)),
        _found(
            rules, "balance", amount > applied, "amount_not_in_plan", "amount_in_plan",
            amount_cents=amount, applied_cents=applied,
        ),
    ]  # fmt: skip


def _lines(rules: PotRules, finance: FinancePlan, schedule: SchedulePlan | None) -> list[Finding]:
    found = []
    for number, line in enumerate(finance.costs, 1):
        name = f"K{number}"
        if category := excluded(rules, line.category):
            # The title of an unlisted category is the team's free text: it stays on the page, out of the event.
            facts: dict[str, int | str] = {"amount_cents": line.total()}
            code = "category_ineligible" if category.key else "category_not_listed"
            if category.key:
                facts["category"] = category.title
            found.append(Finding(code=code, failing=True, rule=category.rule, line_id=line.id, line=name, facts=facts))
        if schedule and not schedule.starts[:7] <= line.month <= schedule.ends[:7]:
            found.append(_on_line(rules, "duration", "line_outside_project", line.id, name, month=line.month))
    return found


def _on_line(rules: PotRules, rule: str, code: str, line_id: str, name: str, **facts: int | str) -> Finding:
    number = rules.numbers.get(rule)
    return Finding(code=code, failing=True, rule=number, line_id=line_id, line=name, facts=facts)


def _amount(rules: PotRules, finance: FinancePlan, amount: int) -> list[Finding]:
    found, totals = [], finance.totals()
    if (cap := rules.cap_cents) is not None:
        found.append(_found(rules, "cap", amount > cap, "cap_exceeded", "cap_kept", cap_cents=cap))
    if (least := rules.minimum_cents) is not None:
        found.append(_found(rules, "minimum", amount < least, "minimum_missed", "minimum_kept", minimum_cents=least))
    if (percent := rules.share_percent) is not None:
        allowed = share(eligible_costs(rules, finance), percent)
        facts: dict[str, int | str] = {"percent": percent, "allowed_cents": allowed}
        found.append(_found(rules, "share", amount > allowed, "share_exceeded", "share_kept", **facts))
    if (percent := rules.own_contribution_percent) is not None:
        own = sum(totals.by_kind.get(kind, 0) for kind in _OWN_KINDS)
        facts = {"minimum_percent": percent, "percent": own * 100 // max(totals.costs_cents, 1), "own_cents": own}
        # In whole cents, so that 9.99 % is not rounded up to 10 %.
        short = own * 100 < percent * totals.costs_cents
        found.append(
            _found(rules, "own_contribution", short, "own_contribution_short", "own_contribution_kept", **facts)
        )
    return found


def _volunteers(rules: PotRules, finance: FinancePlan) -> list[Finding]:
    rate = rules.hour_rate_cents
    lines = [(f"E{n}", line) for n, line in enumerate(finance.incomes, 1) if line.kind == "volunteer"]
    if rate is None or not lines:
        return []
    found = [finding for name, line in lines if (finding := _hours(rules, rate, name, line))]
    return found or [_found(rules, "hour_rate", False, "", "hour_rate_kept", hour_rate_cents=rate)]


def _hours(rules: PotRules, rate: int, name: str, line: IncomeLine) -> Finding | None:
    number = rules.numbers.get("hour_rate")
    if line.hours is None:
        return Finding(code="hours_unknown", failing=False, rule=number, line_id=line.id, line=name)
    allowed = (2 * line.hours * rate + 1000) // 2000
    if line.amount_cents <= allowed:
        return None
    return _on_line(
        rules, "hour_rate", "hour_rate_exceeded", line.id, name, hour_rate_cents=rate, allowed_cents=allowed
    )


def _dates(rules: PotRules, schedule: SchedulePlan | None, amount: int, today: date) -> list[Finding]:
    found = []
    if until := deadline_for(rules, amount, schedule):
        late = today.isoformat() > until
        found.append(_found(rules, "deadline", late, "deadline_missed", "deadline_kept", until=until))
    if schedule is None:
        return found
    if "start" in rules.numbers:
        begun = schedule.starts <= today.isoformat()
        found.append(_found(rules, "start", begun, "begun_already", "not_begun", starts=schedule.starts))
    if (longest := rules.longest_months) is not None:
        first, last = date.fromisoformat(schedule.starts), date.fromisoformat(schedule.ends)
        months = (last.year - first.year) * 12 + last.month - first.month + (last.day >= first.day)
        long = months > longest
        found.append(_found(rules, "duration", long, "too_long", "duration_kept", months=months, longest=longest))
    return found


def with_papers(findings: Sequence[Finding], there: Set[str]) -> list[Finding]:
    """The findings on a frozen revision with its papers held against those attached, failing ones first.

    `there` are the keys of the rules' documents. A plan that is typed has no papers yet: its findings only name them.
    """
    held = [_held(one, there) if one in needed(findings) else one for one in findings]
    return sorted(held, key=lambda finding: not finding.failing)


def needed(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Those that name a paper to hand in."""
    return tuple(one for one in findings if one.code == "document_needed")


def missing(papers: Sequence[Finding], there: Set[str]) -> list[Finding]:
    """Of the papers to hand in those that are not attached."""
    return [one for one in papers if one.facts.get("document") not in there]


def _held(paper: Finding, there: Set[str]) -> Finding:
    fails = bool(missing([paper], there))
    return replace(paper, code="document_missing" if fails else "document_attached", failing=fails)


def _papers(rules: PotRules, amount: int, applicant: Applicant | None) -> list[Finding]:
    found = []
    if applicant and rules.applicants:
        stranger = applicant not in rules.applicants
        found.append(_found(rules, "applicants", stranger, "applicant_not_eligible", "applicant_eligible"))
    for paper in rules.documents:
        if amount > paper.above_cents:
            facts: dict[str, int | str] = {"document": paper.key, "title": paper.title}
            number = rules.numbers.get("documents")
            found.append(Finding(code="document_needed", failing=False, rule=number, facts=facts))
    return found
