"""The OpenAPI document as an HTML page: groups of endpoints, and the objects that they use.

Not django-ninja's Redoc or Swagger: without scripts their pages are empty, their scripts take 287 and 418 KB
compressed where this page takes 6 KB, and an inline script starts Redoc, which the CSP refuses.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from chat.api.openapi import Document, document
from chat.protocol.fields import LARGEST_NUMBER

NOTHING = SafeString("")
# Responses that are the same for every endpoint are shown once, at the top.
COMMON = frozenset({"400", "401", "413", "415", "422", "429", "503"})
# Placeholders in an example.
_EXAMPLES: dict[str, Any] = {
    "room": "garden",
    "username": "bob",
    "seq": "41",
    "emoji": "%F0%9F%91%8D",
    "message": "hello",
    "title": "Garden",
    "topic": "What grows",
    "kind": "public",
    "archived": True,
    "notify": "mentions",
    "role": "moderator",
    "minutes": 30,
    "password": "…",
    "after_rev": 57,
    "file": "Zr3bX9u0T1uQp5oW2yLk7A",
    "name": "backup",
    "scopes": ["read"],
    "to": ["bob", "carl"],
}


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter or a field, as a row of a table."""

    name: str
    type: str
    required: bool
    about: SafeString = NOTHING
    place: str = "body"


@dataclass(frozen=True, slots=True)
class Answer:
    """A response, as a row of a table."""

    status: str
    about: SafeString
    object: str


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint with its parameters, body, answers and a curl example."""

    id: str
    method: str
    path: str
    about: SafeString
    parameters: list[Field]
    body: list[Field]
    answers: list[Answer]
    example: str


@dataclass(frozen=True, slots=True)
class Group:
    """A heading and its endpoints."""

    name: str
    endpoints: list[Endpoint]


@dataclass(frozen=True, slots=True)
class Object:
    """A schema with its fields."""

    name: str
    about: SafeString
    fields: list[Field]


@dataclass(frozen=True, slots=True)
class Reference:
    """The content of the page."""

    about: list[SafeString]
    common: list[Answer]
    groups: list[Group]
    objects: list[Object]


def reference() -> Reference:
    """The content of the page, from the OpenAPI document."""
    return _reference(reverse("chat:api:root"))


@cache
def _reference(prefix: str) -> Reference:
    found = document()
    groups: dict[str, list[Endpoint]] = {}
    common: dict[str, Answer] = {}
    shown: set[str] = set()
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            endpoint = _endpoint(path.removeprefix(prefix), method.upper(), operation)
            groups.setdefault(operation["tags"][0], []).append(endpoint)
            common |= {answer.status: answer for answer in _answers(operation) if answer.status in COMMON}
            shown |= {answer.object for answer in endpoint.answers}
    objects = [Object(name, *_described(name)) for name in _reachable(shown)]
    return Reference(
        about=[_marked(paragraph) for paragraph in found["info"]["description"].split("\n\n")],
        common=[common[status] for status in sorted(common)],
        groups=[Group(name, endpoints) for name, endpoints in groups.items()],
        objects=objects,
    )


def _endpoint(path: str, method: str, operation: Document) -> Endpoint:
    parameters = [
        Field(one["name"], words(one["schema"]), one["required"], _marked(one.get("description", "")), one["in"])
        for one in operation["parameters"]
    ]
    body, form = _body(operation), _form(operation)
    return Endpoint(
        id=operation["operationId"],
        method=method,
        path=path,
        about=_marked(" ".join(filter(None, (f"{operation['summary']}.", operation["description"])))),
        parameters=parameters,
        body=[*body, *form],
        answers=[answer for answer in _answers(operation) if answer.status not in COMMON],
        example=_example(path, method, parameters, body, form),
    )


def _body(operation: Document) -> list[Field]:
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    reference = next(_references(schema), None)
    return list(_fields(reference)) if reference else []


def _form(operation: Document) -> list[Field]:
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("multipart/form-data", {}).get("schema", {})
    required = schema.get("required", ())
    return [
        Field(name, words(facts), name in required, place="form")
        for name, facts in schema.get("properties", {}).items()
    ]


def _answers(operation: Document) -> list[Answer]:
    return [
        Answer(status, _marked(answer["description"]), next(_references(answer.get("content", {})), ""))
        for status, answer in operation["responses"].items()
    ]


def _example(
    path: str, method: str, parameters: list[Field], body: list[Field], form: list[Field] | None = None
) -> str:
    for name, value in _EXAMPLES.items():
        path = path.replace(f"{{{name}}}", str(value))
    query = "&".join(f"{one.name}={_EXAMPLES[one.name]}" for one in parameters if one.required and one.place == "query")
    address = f"$URL{reverse('chat:api:root')}{path}" + (f"?{query}" if query else "")
    lines = [f'curl "{address}"' if method == "GET" else f'curl -X {method} "{address}"']
    if path != "token":
        lines.append('-H "Authorization: Bearer $TOKEN"')
    if body:
        wanted = [one for one in body if one.required] or [one for one in body if one.name in _EXAMPLES][:1]
        sent = json.dumps({one.name: _EXAMPLES.get(one.name, "…") for one in wanted}, ensure_ascii=False)
        lines += ['-H "Content-Type: application/json"', f"-d '{sent}'"]
    lines += [f"-F {one.name}=@pier.png" for one in form or () if one.required]
    return " \\\n  ".join(lines)


# --- Schemas in words -------------------------------------------------------------------------------


def words(schema: Document) -> str:
    """The type and limits of a value, in words."""
    if "$ref" in schema:
        return _name(schema["$ref"])
    for many in ("anyOf", "oneOf", "allOf"):
        if many in schema:
            return " or ".join(dict.fromkeys(words(one) for one in schema[many]))
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return ", ".join(json.dumps(one) for one in schema["enum"])
    match schema.get("type"):
        case "array":
            # A pair has one schema per position instead of one for all items.
            places = schema.get("prefixItems") or [schema.get("items", {})]
            return f"list of {', '.join(words(one) for one in places)}"
        case "object":
            inner = schema.get("additionalProperties")
            return f"object of {words(inner)}" if isinstance(inner, dict) else "object"
        case "integer" | "number" as kind:
            return ("whole number" if kind == "integer" else "number") + _range(schema)
        case "string" if schema.get("format") == "binary":
            return "bytes"
        case "string":
            return "text" + (f", at most {schema['maxLength']} characters" if "maxLength" in schema else "")
        case "boolean":
            return "true or false"
        case "null":
            return "null"
    return "anything"


def _range(schema: Document) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is None:
        return ""
    return f" from {low:g}" + ("" if high is None or high == LARGEST_NUMBER else f" to {high:g}")


def _described(name: str) -> tuple[SafeString, list[Field]]:
    schema = document()["components"]["schemas"][name]
    return _marked(schema.get("description", "")), list(_fields(name))


def _fields(name: str) -> Iterator[Field]:
    schema = document()["components"]["schemas"][name]
    required = schema.get("required", ())
    for field, facts in schema.get("properties", {}).items():
        yield Field(field, words(facts), field in required, _marked(facts.get("description", "")))


def _marked(text: str) -> SafeString:
    """Our own text as HTML, with the parts in backticks as code."""
    return mark_safe(re.sub("`([^`]+)`", r"<code>\1</code>", escape(text)))  # noqa: S308 -- escaped


def _reachable(names: set[str]) -> list[str]:
    """The names of these schemas and of all that they refer to, sorted."""
    found: set[str] = set()
    wanted = {name for name in names if name}
    while wanted:
        name = wanted.pop()
        found.add(name)
        wanted |= set(_references(document()["components"]["schemas"][name])) - found
    return sorted(found)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield _name(value)
            else:
                yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def _name(reference: str) -> str:
    return reference.rpartition("/")[2]
