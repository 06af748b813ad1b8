"""The rules of a pot are versioned data, each with its number in the printed guideline."""

from datetime import date, datetime, timedelta
from typing import Annotated, Literal, TypeAlias
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct

from shared.contracts.plan import Cents, Day, SchedulePlan

Applicant: TypeAlias = Literal["citizen", "association", "company", "administration", "science"]
Percent: TypeAlias = Annotated[int, Meta(ge=0, le=100)]
Weeks: TypeAlias = Annotated[int, Meta(ge=0, le=520)]
Months: TypeAlias = Annotated[int, Meta(ge=0, le=600)]
Title: TypeAlias = Annotated[str, Meta(min_length=1, max_length=300)]
TOP_POINTS = 5


class Category(Struct, frozen=True, kw_only=True):
    """A cost category by key and printed title; `rule` is its number in the printed guideline."""

    key: str
    title: Title
    rule: str


class Criterion(Struct, frozen=True, kw_only=True):
    key: str
    title: Title
    weight: Percent


class Document(Struct, frozen=True, kw_only=True):
    key: str
    title: Title
    above_cents: Cents = 0


class Deadline(Struct, frozen=True, kw_only=True):
    """Holds for amounts above `above_cents`: a fixed last day, or so many weeks before the project begins."""

    above_cents: Cents
    until: Day | None = None
    weeks_before_start: Weeks | None = None


class PotRules(Struct, frozen=True, kw_only=True):
    """One version of a pot's guideline; None or empty means: no such rule.

    `numbers` maps a rule's name (cap, minimum, share, own_contribution, eligible, deadline, start, duration,
    hour_rate, balance, applicants, documents) to its number in the printed guideline. `reviews_needed` counts the
    jury; `threshold_tenths` is the weighted result, of 50, from which the jury usually recommends.
    """

    title: Title
    applicants: tuple[Applicant, ...] = ()
    cap_cents: Cents | None = None
    minimum_cents: Cents | None = None
    share_percent: Percent | None = None
    own_contribution_percent: Percent | None = None
    eligible: tuple[Category, ...] = ()
    ineligible: tuple[Category, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    documents: tuple[Document, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    hour_rate_cents: Cents | None = None
    longest_months: Months | None = None
    blind: bool = False
    reviews_needed: Annotated[int, Meta(ge=0, le=100)] = 0
    threshold_tenths: Annotated[int, Meta(ge=0, le=50)] | None = None
    numbers: dict[str, str] = {}


def deadline_for(rules: PotRules, amount: int, schedule: SchedulePlan | None) -> str | None:
    """The last day to hand in an application for `amount` cents; None where no deadline applies."""
    fitting = [deadline for deadline in rules.deadlines if amount > deadline.above_cents]
    if not fitting:
        return None
    deadline = max(fitting, key=lambda one: one.above_cents)
    if deadline.weeks_before_start is None or schedule is None:
        return deadline.until
    before = date.fromisoformat(schedule.starts) - timedelta(weeks=deadline.weeks_before_start)
    return min(before.isoformat(), deadline.until or before.isoformat())


def day_of(moment: datetime) -> str:
    """The calendar day in Germany: a deadline ends with the day where the town is, not in UTC (§ 31 VwVfG)."""
    return moment.astimezone(ZoneInfo("Europe/Berlin")).date().isoformat()


def flaw(rules: PotRules) -> str | None:
    """The code of what makes these rules contradict themselves, or None."""
    keys = [criterion.key for criterion in rules.criteria]
    if rules.criteria and sum(criterion.weight for criterion in rules.criteria) != 100:
        return "weights_not_100"
    if len(set(keys)) != len(keys):
        return "criterion_twice"
    if rules.cap_cents is not None and (rules.minimum_cents or 0) > rules.cap_cents:
        return "minimum_above_cap"
    if any(line.until is None and line.weeks_before_start is None for line in rules.deadlines):
        return "deadline_without_day"
    if rules.reviews_needed and not rules.criteria:
        return "jury_without_criteria"
    return None


def excluded(rules: PotRules, category: str) -> Category | None:
    """The rule that keeps a category out: named as ineligible, or absent from a closed list of eligible ones."""
    name = category.strip().casefold()
    for one in rules.ineligible:
        if name in (one.key.casefold(), one.title.casefold()):
            return one
    if rules.eligible and not any(name in (one.key.casefold(), one.title.casefold()) for one in rules.eligible):
        return Category(key="", title=category or "–", rule=rules.numbers.get("eligible", ""))
    return None
