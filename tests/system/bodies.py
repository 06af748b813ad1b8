"""Bodies of commands, made from the JSON Schemas that a service publishes."""

from typing import Any

from hypothesis import strategies as st

Schema = dict[str, Any]


def least(schema: Schema, components: dict[str, Schema]) -> Any:
    """The smallest value that a schema takes; texts are as short, numbers as low as may be."""
    if "$ref" in schema:
        return least(components[schema["$ref"].rpartition("/")[2]], components)
    if "anyOf" in schema:
        return least(schema["anyOf"][0], components)
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    match schema.get("type"):
        case "object":
            known = schema.get("properties", {})
            return {name: least(known[name], components) for name in schema.get("required", [])}
        case "array":
            return [least(schema["items"], components)] * schema.get("minItems", 0)
        case "integer":
            return max(1, schema.get("minimum", 1))
        case "string":
            return _text(schema)
        case "boolean":
            return True
    return None


_PATTERNS = {
    r"^\d{4}-\d\d-\d\d$": "2027-04-09",
    r"^\d{4}-\d{2}-\d{2}$": "2027-04-09",
    "^[0-9a-f-]{36}$": "0190a000-0000-7000-8000-000000000000",
    "^[0-9a-f]{64}$": "ab" * 32,
    "^[A-Z]{2}$": "SN",
}
_FORMATS = {"date": "2027-04-09", "date-time": "2027-04-09T18:00:00Z"}


def _text(schema: Schema) -> str:
    if "format" in schema:
        return _FORMATS[schema["format"]]
    if "pattern" in schema:
        return _PATTERNS.get(schema["pattern"], "one")
    return "x" * max(3, schema.get("minLength", 3))


_ODD = ["", "\x00", "a\x00b", "\u202e", "\ufeff", "a\u0301", "🦫" * 3, "x" * 70_000, "../..", "%", "'; --", "{", "*.>"]
_NUMBERS = [0, -1, 2**31, 2**53 - 1, 2**53, 2**63, 10**40, 1.5, 1e308]
_junk = st.one_of(
    st.sampled_from(_ODD), st.sampled_from(_NUMBERS), st.none(), st.booleans(), st.just([]), st.just({}), st.just([[]])
)


def around(schema: Schema, components: dict[str, Schema]) -> st.SearchStrategy[Any]:
    """Values that a schema takes, and now and then one that it should refuse."""
    if "$ref" in schema:
        return around(components[schema["$ref"].rpartition("/")[2]], components)
    if "anyOf" in schema:
        return st.one_of([around(part, components) for part in schema["anyOf"]])
    if "enum" in schema:
        return st.one_of(st.sampled_from(schema["enum"]), st.sampled_from(schema["enum"]), _junk)
    right = st.just(least(schema, components))
    match schema.get("type"):
        case "object":
            return _objects(schema, components)
        case "array":
            right = st.lists(around(schema["items"], components), min_size=schema.get("minItems", 0), max_size=3)
        case "integer":
            least_, most = schema.get("minimum"), schema.get("maximum")
            right = st.integers(least_, most)
        case "string" if not {"pattern", "format"} & set(schema):
            most = min(schema.get("maxLength", 80), 80)
            right = st.one_of(right, st.text(min_size=schema.get("minLength", 0), max_size=most))
    return st.one_of(right, right, right, _junk)


def _objects(schema: Schema, components: dict[str, Schema]) -> st.SearchStrategy[Any]:
    known = schema.get("properties", {})
    if not known and schema.get("additionalProperties"):
        return st.dictionaries(st.sampled_from(["cap", "", "\x00"]), st.one_of(st.text(max_size=5), _junk), max_size=2)
    needed = schema.get("required", [])
    return st.fixed_dictionaries(
        {name: around(known[name], components) for name in needed},
        optional={name: around(each, components) for name, each in known.items() if name not in needed},
    )
