"""A process template is data: steps in weeks around an anchor, with the least distances between them."""

import hashlib
import re
import tomllib
from collections.abc import Iterator
from typing import Annotated, Literal, NoReturn, TypeAlias

import msgspec
from msgspec import Meta, Struct

from shared.decider import Rejected

Key: TypeAlias = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{0,39}$")]
Words: TypeAlias = Annotated[str, Meta(min_length=1, max_length=300)]
Weeks: TypeAlias = Annotated[int, Meta(ge=-520, le=520)]
Length: TypeAlias = Annotated[int, Meta(ge=0, le=520)]
Kind: TypeAlias = Literal["work", "meeting", "consultation", "decision"]
Format: TypeAlias = Literal[
    "expert_table",
    "strategy_table",
    "city_conference",
    "citizens_forum",
    "stakeholder_workshop",
    "politics_workshop",
    "administration_workshop",
    "project_workshop",
    "pub_evening",
    "council_session",
]
Audience: TypeAlias = Literal[
    "core_team",
    "steering_group",
    "experts",
    "citizens",
    "city_partners",
    "stakeholders",
    "administration",
    "politics",
    "council",
    "project_teams",
    "public",
]


class _Part(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Defaults are left out of what is stored, so a field added later changes no digest."""


class Gap(_Part, frozen=True):
    """The least distance to another step: `weeks` < 0 before it, > 0 after it; `edge` says which end of this step."""

    to: Key
    weeks: Weeks
    edge: Literal["start", "end"] = "start"


class Document(_Part, frozen=True):
    """A paper that a step owes, `weeks` from the anchor."""

    key: Key
    title: Words
    due: Weeks | None = None


class Step(_Part, frozen=True):
    """`offset`: weeks from the anchor to the step's date. `duration`: weeks that it runs from, or until, that date."""

    key: Key
    title: Words
    offset: Weeks
    kind: Kind
    number: Annotated[str, Meta(pattern="^([1-9][0-9]?[a-z]?)?$")] = ""
    lead: tuple[Words, ...] = ()
    purpose: str = ""
    format: Format | None = None
    duration: Length = 0
    runs: Literal["from", "until"] = "from"
    gaps: tuple[Gap, ...] = ()
    audiences: tuple[Audience, ...] = ()
    documents: tuple[Document, ...] = ()
    optional: bool = False


class Template(_Part, frozen=True):
    """The whole: `anchor` names the step whose date is chosen; all other dates follow from it."""

    key: Key
    version: Annotated[int, Meta(ge=1)]
    title: Words
    anchor: Key
    steps: Annotated[tuple[Step, ...], Meta(min_length=1, max_length=40)]
    summary: str = ""
    source: str = ""

    def step(self, key: str) -> Step:
        """The step of that key. Raises `Rejected("step_unknown")`."""
        for step in self.steps:
            if step.key == key:
                return step
        raise Rejected("step_unknown", step=key)


def load(text: str) -> Template:
    """Reads a template from TOML.

    Raises `Rejected`: `template_unreadable` (reason), `template_field_missing`, `template_field_unknown`,
    `template_field_wrong` and those of `validate`, each with `field` such as `steps[2].gaps[0].to`.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Rejected("template_unreadable", reason=str(error)) from error
    try:
        template = msgspec.convert(found, Template)
    except msgspec.ValidationError as error:
        _refuse(str(error))
    return validate(template)


def validate(template: Template) -> Template:
    """The same template. Raises `Rejected` with `field` where parts contradict each other."""
    for code, field, facts in _contradictions(template):
        raise Rejected(code, field=field, **facts)
    return template


def digest(template: Template) -> str:
    """SHA-256 of the canonical JSON of the template, in hex: equal for equal content, however the file is laid out."""
    return hashlib.sha256(msgspec.json.encode(template, order="sorted")).hexdigest()


def _refuse(message: str) -> NoReturn:
    """Turns msgspec's words into a code: "Object missing required field `key` - at `$.steps[0]`"."""
    path = re.search(r"at `\$\.?(.*?)`$", message)
    named = re.search(r"(missing required|unknown) field `(\w+)`", message)
    field = ".".join(part for part in (path and path[1], named and named[2]) if part)
    code = {"missing required": "missing", "unknown": "unknown"}[named[1]] if named else "wrong"
    raise Rejected(f"template_field_{code}", field=field)


def _contradictions(template: Template) -> Iterator[tuple[str, str, dict[str, object]]]:
    offsets: dict[str, Step] = {}
    for at, step in enumerate(template.steps):
        if step.key in offsets:
            yield "template_key_twice", f"steps[{at}].key", {"key": step.key}
        if step.kind == "consultation" and not step.duration:
            yield "template_field_missing", f"steps[{at}].duration", {}
        if step.kind == "meeting" and not step.format:
            yield "template_field_missing", f"steps[{at}].format", {}
        offsets[step.key] = step
    if template.anchor not in offsets:
        yield "template_step_unknown", "anchor", {"key": template.anchor}
    elif offsets[template.anchor].offset or offsets[template.anchor].optional:
        yield "template_anchor_not_zero", f"steps[{list(offsets).index(template.anchor)}].offset", {}
    for at, step in enumerate(template.steps):
        for number, gap in enumerate(step.gaps):
            field = f"steps[{at}].gaps[{number}]"
            if gap.to not in offsets or gap.to == step.key:
                yield "template_step_unknown", f"{field}.to", {"key": gap.to}
            elif _breaks(gap, edge(step, gap.edge) - offsets[gap.to].offset):
                yield "template_gap_contradicts", f"{field}.weeks", {"weeks": gap.weeks}


def edge(step: Step, which: Literal["start", "end"]) -> int:
    """The week in which a step starts or ends, from the anchor."""
    start = step.offset - (step.duration if step.runs == "until" else 0)
    return start if which == "start" else start + step.duration


def _breaks(gap: Gap, weeks: int) -> bool:
    return weeks > gap.weeks if gap.weeks < 0 else weeks < gap.weeks
