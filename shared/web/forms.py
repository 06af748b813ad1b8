"""From what somebody typed or sent to a command: every field is checked, and each fault is named at its field."""

import re
import types
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Struct
from msgspec.structs import FieldInfo, fields

from shared.money import parse_euro

S = TypeVar("S", bound=Struct)

_PATTERNS = (
    (re.compile(r"length >= (\d+)"), "too_short", "least"),
    (re.compile(r"length <= (\d+)"), "too_long", "most"),
    (re.compile(r"`(?:int|float)` >= (-?\d+)"), "too_small", "least"),
    (re.compile(r"`(?:int|float)` <= (-?\d+)"), "too_large", "most"),
    (re.compile(r"matching regex"), "wrong_form", None),
    (re.compile(r"Invalid enum value"), "not_a_choice", None),
    (re.compile(r"Expected `int"), "not_a_number", None),
    (re.compile(r"unknown field `(\w+)`"), "unknown_field", "name"),
    (re.compile(r"missing required field `(\w+)`"), "missing", "name"),
)


class Fault(Struct, frozen=True):
    """Why a field cannot be taken: a code of `words/shared.toml` and what fills its words."""

    code: str
    facts: dict[str, Any] = {}


class Invalid(Exception):
    """Input that cannot become a command; `faults` by field name, "" for the whole."""

    def __init__(self, faults: Mapping[str, Fault]) -> None:
        super().__init__(", ".join(f"{name}: {fault.code}" for name, fault in faults.items()))
        self.faults = dict(faults)


def from_form(kind: type[S], typed: Mapping[str, Any]) -> S:
    """A command from a form's fields; amounts in German notation, empty fields as absent. Raises `Invalid`.

    Fields that the command does not know (the token, buttons) are left aside. What a page has put together from
    several fields may stand among them as lists and maps.
    """
    names = {field.encode_name for field in fields(kind)}
    given = {
        name: text for name, text in typed.items() if name in names and (not isinstance(text, str) or text.strip())
    }
    return _build(kind, given, from_text=True)


def from_json(kind: type[S], body: bytes) -> S:
    """A command from a JSON body, strictly: an unknown field is a fault. Raises `Invalid`."""
    try:
        sent = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Invalid({"": Fault("not_json", {"reason": str(error)})}) from error
    if not isinstance(sent, dict):
        raise Invalid({"": Fault("not_an_object")})
    known = {field.encode_name for field in fields(kind)}
    if unknown := {name: Fault("unknown_field", {"name": name}) for name in sent if name not in known}:
        raise Invalid(unknown)
    return _build(kind, sent, from_text=False)


def _build(kind: type[S], given: Mapping[str, Any], *, from_text: bool) -> S:
    values, faults = {}, {}
    for field in fields(kind):
        name = field.encode_name
        if name not in given:
            if field.default is NODEFAULT and field.default_factory is NODEFAULT:
                faults[name] = Fault("missing")
            continue
        try:
            values[field.name] = _value(field, given[name], from_text)
        except msgspec.ValidationError as error:
            faults[name] = _fault(str(error))
        except ValueError:
            faults[name] = Fault("not_an_amount" if name.endswith("_cents") else "wrong_form")
    if faults:
        raise Invalid(faults)
    return kind(**values)


def _value(field: FieldInfo, given: Any, from_text: bool) -> Any:
    value = _composed(given)
    if from_text and isinstance(value, str):
        value = value.strip().replace("\r\n", "\n")
        if field.encode_name.endswith("_cents"):
            value = parse_euro(value)
        elif value in ("on", "off") and field.type is bool:
            value = value == "on"
        elif _is_list(field.type):
            value = [line for line in value.split("\n") if line.strip()]
    if isinstance(value, str) and field.encode_name.endswith(("day", "anchor", "_on")):
        _real_date(value)
    if isinstance(value, str) and field.encode_name.endswith("_id") and not is_key(value):
        raise ValueError("no id")
    return msgspec.convert(value, field.type, strict=not from_text)


def is_key(text: str) -> bool:
    """Whether something may be called so in addresses, streams and the keys of views."""
    return re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,99}", text) is not None


def _composed(value: Any) -> Any:
    """Text in NFC, as the log wants it; a lone surrogate is no text, and with a NUL no column takes it."""
    if isinstance(value, str):
        value.encode()  # raises UnicodeEncodeError, a ValueError
        if "\0" in value:
            raise ValueError("NUL")
        return unicodedata.normalize("NFC", value)
    if isinstance(value, dict):
        return {_composed(key): _composed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_composed(item) for item in value]
    return value


def _real_date(text: str) -> None:
    """The 31st of February matches every pattern; raises the same error as a wrong pattern."""
    msgspec.convert(text, date)


def _is_list(kind: Any) -> bool:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType, Annotated):
        return any(_is_list(part) for part in get_args(kind))
    return (origin or kind) in (list, tuple)


def _fault(message: str) -> Fault:
    for pattern, code, fact in _PATTERNS:
        if match := pattern.search(message):
            return Fault(code, {fact: int(n) if (n := match[1]).lstrip("-").isdigit() else n} if fact else {})
    return Fault("wrong_form")
