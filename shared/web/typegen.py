"""Writes the shape of the shared documents for the islands, from the Structs that are its one description."""

import json
from pathlib import Path
from typing import Any

from msgspec import inspect
from msgspec.structs import fields

from shared.contracts import documents
from shared.contracts.documents import Row

TARGET = Path(__file__).parent / "islands/sync/shape.gen.ts"
_TABLES = documents.PLAN_TABLES | documents.TALK_TABLES | documents.MEETING_TABLES


def generate(target: Path = TARGET) -> bool:
    """Brings `target` up to date; whether it had to be written."""
    text = shape()
    if target.is_file() and target.read_text(encoding="utf-8") == text:
        return False
    target.write_text(text, encoding="utf-8")
    return True


def shape() -> str:
    """TypeScript: an interface for each kind of row, and what reading and writing need to know of its fields."""
    kinds = sorted({kind for _, kind in _TABLES.values()}, key=lambda kind: kind.__name__)
    tables = {name: {"root": root, "fields": _fields(kind)} for name, (root, kind) in _TABLES.items()}
    parts = [
        "/** Made from shared/contracts/documents.py by shared/web/typegen.py: change it there. */",
        *(f"export const {name} = {getattr(documents, name)};" for name in ("PLAN_SCHEMA", "MEETING_SCHEMA")),
        f"export const SECTIONS = {json.dumps(documents.SECTIONS)} as const;",
        f"export const FIELDS = {json.dumps(documents.FIELDS)} as const;",
        f"export const FIELDS_ROOT = {json.dumps(documents.FIELDS_ROOT)};",
        *(_interface(kind) for kind in kinds),
        _rows(),
        f"export const TABLES = {json.dumps(tables, indent=1)} as const;",
    ]
    return "\n\n".join(parts) + "\n"


def _interface(kind: type[Row]) -> str:
    lines = [f"  {field.name}: {_typescript(inspect.type_info(field.type))};" for field in fields(kind)]
    return "\n".join([f"export interface {kind.__name__} {{", *lines, "}"])


def _rows() -> str:
    lines = [f"  {name}: {kind.__name__};" for name, (_, kind) in _TABLES.items()]
    return "\n".join(["/** Table → form of its rows. */", "export interface Rows {", *lines, "}"])


def _fields(kind: type[Row]) -> dict[str, dict[str, Any]]:
    """What a field may hold; `live`: a Yjs text."""
    return {field.name: _field(field) for field in fields(kind) if field.name != "id"}


def _field(field: Any) -> dict[str, Any]:
    live, form = False, inspect.type_info(field.type)
    if isinstance(form, inspect.Metadata):
        live, form = bool((form.extra or {}).get("live")), form.type
    found: dict[str, Any] = {"kind": _TYPES[type(form)] if not live else "live", "default": field.default}
    if isinstance(form, inspect.LiteralType):
        found |= {"kind": "choice", "choices": list(form.values)}
    if isinstance(form, inspect.StrType) and form.max_length:
        found["most"] = form.max_length
    if isinstance(form, inspect.IntType):
        found |= {"least": form.ge or 0, "most": form.le}
    return found


def _typescript(form: inspect.Type) -> str:
    if isinstance(form, inspect.Metadata):
        return _typescript(form.type)
    if isinstance(form, inspect.LiteralType):
        return " | ".join(json.dumps(value) for value in form.values)
    return _TYPES[type(form)]


_TYPES: dict[type[inspect.Type], str] = {
    inspect.StrType: "string",
    inspect.IntType: "number",
    inspect.BoolType: "boolean",
    inspect.LiteralType: "choice",
}
