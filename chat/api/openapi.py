"""The OpenAPI document: what django-ninja generates, completed with what applies to every endpoint."""

import copy
from functools import cache
from typing import Any

from django.urls import reverse

from chat.api.app import api
from chat.api.errors import STATUS, HttpCode, Problem
from chat.api.request_checks import BODY_METHODS
from chat.protocol.errors import Code

Document = dict[str, Any]

ABOUT = """\
The same rooms, messages and rules as on the socket, for programs that need no socket.

Send a token (`manage.py token NAME`, or `POST token`) as `Authorization: Bearer …`. A signed-in page can use its
session cookie instead; it then sends the CSRF token in `X-CSRFToken` with every request that changes something.

Errors are always `{"code", "message", "fields"?, "retry_after"?}` with the matching status.\
"""
_EVERYWHERE = (Code.INVALID, Code.RATE_LIMITED, Code.UNAVAILABLE)
_WITH_BODY = (Code.BAD_JSON, Code.TOO_LARGE, HttpCode.UNSUPPORTED_TYPE)
_PROBLEM = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
_SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "An API token or a JWT."},
    "query": {
        "type": "apiKey",
        "in": "query",
        "name": "token",
        "description": "The same token, for clients that cannot set headers.",
    },
    "page": {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "The session of a signed-in page."},
}

# `POST files` is answered before Django (`chat.api.uploads`), and unknown to django-ninja.
_UPLOAD: Document = {
    "operationId": "upload_file",
    "tags": ["Files"],
    "description": (
        "Upload a file, for a message that names its `id` in `files`. A form with the field `file`, and optionally "
        "`description`; or, with any other Content-Type, the bytes themselves and `?name=` and `?description=`. "
        "Large files arrive in parts, by any client of tus at `uploads/`."
    ),
    "parameters": [],
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        # A longer one is cut.
                        "description": {"type": "string"},
                    },
                }
            }
        },
    },
    "responses": {
        201: {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/FileFacts"}}}},
        408: {"content": _PROBLEM},
        507: {"content": _PROBLEM},
    },
}


def document() -> Document:
    """The OpenAPI document, as it is served."""
    return _document(reverse("chat:api:root"))


@cache
def _document(root: str) -> Document:
    found: Document = dict(api.get_openapi_schema(path_prefix=root))
    found["info"]["description"] = ABOUT
    found["components"]["securitySchemes"] = _SCHEMES
    found["components"]["schemas"]["Problem"] = Problem.model_json_schema()
    found["paths"] = _among(found["paths"], f"{root}files/{{file}}", {f"{root}files": {"post": copy.deepcopy(_UPLOAD)}})
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            _complete(operation, method=method.upper(), path=path)
    return found


def _among(paths: Document, at: str, added: Document) -> Document:
    """The paths with `added` before the path `at`: the page keeps this order."""
    found: Document = {}
    for path, operations in paths.items():
        if path == at:
            found |= added
        found[path] = operations
    return found


def _complete(operation: Document, *, method: str, path: str) -> None:
    summary, _, rest = operation["description"].replace("\n", " ").partition(". ")
    operation["summary"], operation["description"] = summary.rstrip("."), rest
    public = operation["operationId"] == "token"
    operation["security"] = [] if public else [{name: []} for name in _SCHEMES]
    codes: set[Code | HttpCode] = {*_EVERYWHERE, HttpCode.NOT_SIGNED_IN}
    if not public:
        codes.add(Code.FORBIDDEN)
    if "{" in path:
        codes.add(Code.NOT_FOUND)
    if method in BODY_METHODS:
        codes.update(_WITH_BODY)
    answers = {STATUS[code]: {"content": _PROBLEM} for code in codes} | operation["responses"]
    operation["responses"] = {
        str(status): answer | {"description": _WORDS[status]} for status, answer in sorted(answers.items())
    }


_WORDS = {
    200: "Done.",
    201: "Created.",
    204: "Done; no content.",
    400: "The body is not JSON.",
    401: "Not signed in.",
    403: "You may not do that: forbidden, muted or banned.",
    404: "It does not exist, or you do not have access to it.",
    408: "Nothing arrived for 30 seconds.",
    409: "It is taken, or the `client_id` has already been used for a different message.",
    413: "The body is too large.",
    415: "The Content-Type is not JSON, or the file is damaged.",
    422: "A field is missing or invalid; see `fields`.",
    429: "Too many requests; wait for `retry_after` seconds.",
    503: "The database does not answer. Nothing was saved; try again.",
    507: "Your files, or those of all, would take more than they may.",
}
