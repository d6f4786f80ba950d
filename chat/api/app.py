"""The API: its routers, and how it answers errors."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationErrorContext
from ninja.operation import Operation

from chat.api import (
    changes,
    drafts,
    emoji,
    exports,
    files,
    forwards,
    imported_people,
    imports,
    members,
    messages,
    pins,
    push,
    reports,
    rooms,
    saved,
    scheduled,
    search,
    threads,
    tokens,
    users,
)
from chat.api.errors import failure
from chat.api.request_checks import JsonParser
from chat.api.room_names import follow_addresses
from chat.protocol.errors import ChatError, Code
from chat.protocol.parsing import field_errors


class Api(NinjaAPI):
    """The API, with a view's function name as its `operationId` and the socket's error codes."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """The name of the view function."""
        return operation.view_func.__name__

    def on_exception(self, request: HttpRequest, exc: Exception | type[Exception]) -> HttpResponse:
        """Answer an exception of a view as JSON."""
        assert isinstance(exc, Exception)
        return failure(request, exc)

    def validation_error_from_error_contexts(  # type: ignore[override]
        self, error_contexts: list[ValidationErrorContext[Any]]
    ) -> ChatError:
        """The first problem of an invalid request, and all of them by field, worded as on the socket."""
        fields: dict[str, str] = {}
        for context in error_contexts:
            source = context.model.__ninja_param_source__
            # Body and query are models inside the model of all parameters.
            nested = source in {"body", "query"}
            for name, problem in field_errors(context.pydantic_validation_error, skip=1 if nested else 0).items():
                fields[str(source) if name == "frame" else name] = problem
        name, problem = next(iter(fields.items()))
        return ChatError(Code.INVALID, f"{name}: {problem}.", fields=fields)


api = Api(
    title="Backchannel",
    version="1",
    urls_namespace="api",
    openapi_url=None,
    docs_url=None,
    parser=JsonParser(),
)
ROUTERS = [
    module.router
    for module in (
        *(tokens, rooms, members, messages, forwards, pins, saved, threads, drafts, scheduled),
        *(files, emoji, changes, push, search, users, reports, exports, imports, imported_people),
    )
]
for router in ROUTERS:
    follow_addresses(router)
    api.add_router("", router)
