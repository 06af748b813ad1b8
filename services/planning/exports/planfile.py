"""A plan as a JSON file that other programs can read, and the schema that says how."""

from datetime import UTC
from typing import Any, Literal

import msgspec
from msgspec import Struct, field

from services.planning.exports.edition import Edition
from services.planning.exports.figures import figures
from services.planning.screens import Frozen
from shared.contracts.documents import Plan

SCHEMA_PATH = "api/planning/plan-file.schema.json"  # under a municipality


class Revision(Struct, frozen=True, kw_only=True):
    """The frozen revision that the file holds; a revision never changes. `digest`: SHA-256 of its stored content."""

    id: str
    number: int
    name: str
    digest: str = ""


class Sums(Struct, frozen=True, kw_only=True):
    """Cents over all lines; `missing_cents` is what the incomes lack (negative: they are beyond the costs)."""

    costs_cents: int
    incomes_cents: int
    missing_cents: int


class PlanFile(Struct, frozen=True, kw_only=True):
    """A plan in five parts. Amounts are cents, quantities and hours thousandths, days `YYYY-MM-DD`, months `YYYY-MM`.

    Fields may be added; none is renamed, retyped or removed while `version` is the same. `at`: ISO 8601, UTC.
    """

    schema: str = field(name="$schema")
    format: Literal["gemeinwerk-plan"] = "gemeinwerk-plan"
    version: Literal[1] = 1
    municipality: str
    project: str
    title: str
    at: str
    revision: Revision | None = None
    sums: Sums
    content: Plan


def plan_file(edition: Edition, base: str) -> bytes:
    """The file; `base` is the address of the municipality."""
    found, frozen = figures(edition.plan), edition.revision
    built = PlanFile(
        schema=f"{base}/{SCHEMA_PATH}",
        municipality=edition.municipality,
        project=edition.project,
        title=edition.title,
        at=edition.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        revision=_revision(frozen) if frozen else None,
        sums=Sums(costs_cents=found.costs_cents, incomes_cents=found.incomes_cents, missing_cents=found.missing_cents),
        content=edition.plan,
    )
    return msgspec.json.format(msgspec.json.encode(built), indent=2) + b"\n"


def _revision(frozen: Frozen) -> Revision:
    return Revision(id=frozen.id, number=frozen.number, name=frozen.name, digest=frozen.digest)


def plan_file_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(PlanFile)}
