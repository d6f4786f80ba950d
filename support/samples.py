"""The smallest value that a JSON schema accepts: a request or a frame for each, without listing them one by one."""

from collections.abc import Mapping
from typing import Any

# By the name of the field, where another value would be refused before permissions are checked.
NAMED = {
    "seq": 1,
    "emoji": "👍",
    "username": "bob",
    "role": "member",
    "section": "Work",
    "until": "2030-01-01T00:00:00+00:00",
    "quiet_until": None,
    "at": "2030-01-01T09:00",
    "zone": "Europe/Berlin",
}


def sample(schema: Mapping[str, Any], definitions: Mapping[str, Any], name: str = "") -> Any:
    """A value of `schema`; for an object its required fields, or the first if none is required."""
    if "$ref" in schema:
        return sample(definitions[schema["$ref"].rpartition("/")[2]], definitions, name)
    if name in NAMED:
        return NAMED[name]
    for known in ("const", "default"):
        if known in schema and schema[known] is not None:
            return schema[known]
    if "enum" in schema:
        return schema["enum"][0]
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return sample(next(one for one in choices if one.get("type") != "null"), definitions, name)
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            wanted = schema.get("required") or list(fields)[:1]
            return {field: sample(fields[field], definitions, field) for field in wanted}
        case "array":
            return [sample(schema["items"], definitions, name)] * max(1, schema.get("minItems", 0))
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
    return "x" * max(1, schema.get("minLength", 0))
