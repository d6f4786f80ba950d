"""Checks of every request before its endpoint runs, and headers of every response."""

from collections.abc import Callable, Set
from functools import wraps
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja.parser import Parser
from pydantic_core import from_json

from chat.api.errors import HttpCode, HttpRefusal, refusal, wrong_method
from chat.protocol.errors import ChatError, Code

BODY_METHODS = frozenset({"POST", "PUT", "PATCH", "DELETE"})
# Query parameters of every endpoint: the credentials.
CREDENTIALS = frozenset({"token", "ticket"})


class JsonParser(Parser):
    """Parses bodies strictly: invalid JSON and invalid values are different errors."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The parsed body.

        Raises:
            ChatError: `bad_json`.
        """
        try:
            return from_json(request.body, allow_inf_nan=False)
        except ValueError:
            raise ChatError(Code.BAD_JSON, "The body is not JSON.") from None


def guarded(view: Callable[..., Any], known: Callable[[HttpRequest], Set[str] | None]) -> Callable[..., Any]:
    """Wrap `view` in the checks of size, content type, method and query.

    `known` returns the query parameters of the endpoint, or None where it does not allow the method.
    """

    @wraps(view)
    async def guard(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # RFC 9110, 9.3.2: HEAD is answered as GET; the server leaves the content out.
        head, request.method = request.method == "HEAD", "GET" if request.method == "HEAD" else request.method
        try:
            _take_body(request)
            _check_query(request, known(request))
        except (ChatError, HttpRefusal) as error:
            response = refusal(error)
        else:
            response = cast(HttpResponse, await view(request, *args, **kwargs))
        if head:
            request.method = "HEAD"
        if response.status_code == 405:
            response = wrong_method(response["Allow"])
        # A response for one person must not be cached for another.
        response["Cache-Control"] = "no-store"
        return response

    return guard


def _take_body(request: HttpRequest) -> None:
    """Read the body up to the size limit: a chunked body has no declared length."""
    if request.method not in BODY_METHODS:
        return
    limit = settings.CHAT_FRAME_MAX_BYTES
    body = request.read(limit + 1)
    if len(body) > limit:
        raise ChatError(Code.TOO_LARGE, f"The body may have at most {limit} bytes.")
    # Forms are refused even when they are empty: another site can send them without a CORS preflight.
    if request.content_type != "application/json" and (body or request.content_type):
        raise HttpRefusal(HttpCode.UNSUPPORTED_TYPE, "Send JSON, with Content-Type: application/json.")
    request._body = body


def _check_query(request: HttpRequest, known: Set[str] | None) -> None:
    unknown = request.GET.keys() - known - CREDENTIALS if known is not None else ()
    if unknown:
        fields = {name[:100]: "is not known here" for name in sorted(unknown)}
        name = next(iter(fields))
        raise ChatError(Code.INVALID, f"{name}: is not known here.", fields=fields)
