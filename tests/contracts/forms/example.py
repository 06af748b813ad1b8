"""An example of any event or fact, made from its types alone: the same one every time."""

import re
from datetime import UTC, date, datetime
from typing import Any

import msgspec
from msgspec import inspect

_ID = "0190a5c4-6b1e-7c3d-8f00-3a5b7c9d1e2f"
_PLAIN = {
    "kind": "space",
    "role": "lead",
    "phase": "initiation",
    "land": "SN",
    "town": "dresden",
    "opened": "dresden",
    "district": "neustadt",
    "outcome": "granted",
    "digest": "2f6c8f5e1b0a4d7c" * 4,
}
_DAYS = ("day", "until", "date", "anchor", "starts", "ends", "due", "deadline")
_IDS = (
    "project need offer person by lead team member application pot revision payment review meeting process table poll"
)
# For texts with a pattern the first that fits is taken. A pattern that none fits wants one more here.
_TEXTS = (
    "2026-03-02",
    "2026-03",
    "zukunft",
    "SN",
    "1",
    _ID,
    "2f6c8f5e1b0a4d7c" * 4,
    "a0",
    "",
)
_LONG = "Bänke – 5 € "


def example(kind: type[Any]) -> Any:
    """An instance of a Struct with every field given, also those with defaults. Raises `LookupError` by name."""
    return msgspec.convert(_value(inspect.type_info(kind), kind.__name__), kind)


def _value(kind: Any, name: str) -> Any:
    match kind:
        case inspect.StructType(fields=fields, tag_field=tag_field, tag=tag):
            return ({tag_field: tag} if tag_field else {}) | {f.encode_name: _value(f.type, f.name) for f in fields}
        case inspect.StrType():
            return _text(kind, name)
        case inspect.IntType(ge=low, gt=above):
            return max(3, low or 0, (above or 0) + 1)
        case inspect.BoolType():
            return True
        case inspect.DateTimeType():
            return datetime(2026, 3, 2, 18, 30, tzinfo=UTC)
        case inspect.DateType():
            return date(2026, 3, 2)
        case inspect.LiteralType(values=values):
            return values[0]
        case inspect.EnumType(cls=cls):
            return next(iter(cls)).value
        case inspect.UnionType(types=types):
            return _value(next(one for one in types if not isinstance(one, inspect.NoneType)), name)
        case inspect.VarTupleType(item_type=item, min_length=low) | inspect.ListType(item_type=item, min_length=low):
            return [_value(item, name)] * max(1, low or 0)
        case inspect.SetType(item_type=item) | inspect.FrozenSetType(item_type=item):
            return [_value(item, name)]
        case inspect.TupleType(item_types=items):
            return [_value(item, name) for item in items]
        case inspect.DictType(key_type=key, value_type=value):
            return {"a1" if isinstance(key, inspect.StrType) else _value(key, name): _value(value, name)}
    raise LookupError(f"no example for {name}: {type(kind).__name__}")


def _text(kind: inspect.StrType, name: str) -> str:
    if kind.pattern is None:
        if name in _PLAIN:
            return _PLAIN[name]
        if name.endswith(_DAYS):
            return "2026-03-02"
        if name in _IDS.split() or name.endswith("id"):
            return _ID
        return (f"{name}: " + _LONG * (1 + (kind.min_length or 0) // len(_LONG)))[: kind.max_length].strip()
    for text in _TEXTS:
        if re.search(kind.pattern, text) and (kind.min_length or 0) <= len(text) <= (kind.max_length or len(text)):
            return text
    raise LookupError(f"no example for {name}: text like {kind.pattern}")
