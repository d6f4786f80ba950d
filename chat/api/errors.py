"""Errors over HTTP: one shape, and the status of each code."""

import logging
import math
from enum import StrEnum
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from ninja.errors import HttpError
from pydantic import BaseModel

from chat.lib import outage
from chat.protocol.errors import ChatError, Code, unavailable

logger = logging.getLogger(__name__)


class HttpCode(StrEnum):
    """The codes that only HTTP has; the others are the protocol's `Code`."""

    NOT_SIGNED_IN = "not_signed_in"
    UNSUPPORTED_TYPE = "unsupported_type"
    WRONG_METHOD = "wrong_method"


STATUS: dict[Code | HttpCode, int] = {
    Code.BAD_JSON: 400,
    Code.UNKNOWN_TYPE: 400,
    HttpCode.NOT_SIGNED_IN: 401,
    Code.FORBIDDEN: 403,
    Code.MUTED: 403,
    Code.BANNED: 403,
    Code.NOT_FOUND: 404,
    HttpCode.WRONG_METHOD: 405,
    Code.CONFLICT: 409,
    Code.TOO_LARGE: 413,
    Code.UNSUPPORTED: 415,
    HttpCode.UNSUPPORTED_TYPE: 415,
    Code.INVALID: 422,
    Code.RATE_LIMITED: 429,
    Code.SERVER_ERROR: 500,
    Code.UNAVAILABLE: 503,
    Code.QUOTA: 507,
}


class Problem(BaseModel):
    """Why a request was refused. `message` is a sentence a person can act on; `code` is for programs."""

    code: str
    message: str
    fields: dict[str, str] | None = None
    retry_after: float | None = None


class HttpRefusal(Exception):
    """Raised when HTTP's own rules refuse a request; answered with its code and message."""

    def __init__(self, code: HttpCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def refusals(*codes: Code | HttpCode) -> dict[int, type[Problem]]:
    """The responses that an endpoint documents for these codes."""
    return {STATUS[code]: Problem for code in codes}


def json_response(body: str, status: int = 200) -> HttpResponse:
    """A response whose body is JSON already."""
    return HttpResponse(body, status=status, content_type="application/json")


def refusal(error: ChatError | HttpRefusal) -> HttpResponse:
    """The response for a refused request."""
    problem = Problem(code=error.code.value, message=error.message)
    if isinstance(error, ChatError):
        problem.fields = error.fields
        problem.retry_after = error.retry_after
    response = json_response(problem.model_dump_json(exclude_none=True), STATUS[error.code])
    if response.status_code == 401:
        response["WWW-Authenticate"] = "Bearer"
    if response.status_code in {429, 503}:
        response["Retry-After"] = str(math.ceil(problem.retry_after or 1))
    return response


def failure(request: HttpRequest, error: BaseException) -> HttpResponse:
    """The response for an exception of a view. An exception that is not a refusal is logged, and answered with 500."""
    if isinstance(error, HttpError) and error.__cause__:
        # django-ninja wraps exceptions of the body's parser.
        error = error.__cause__
    if isinstance(error, (ChatError, HttpRefusal)):
        return refusal(error)
    if outage.is_outage(error):
        outage.report(error)
        return refusal(unavailable())
    # Neither the URL (it can contain a token) nor the body is logged.
    match = request.resolver_match
    logger.error("%s %s failed.", request.method, match.route if match else "", exc_info=error)
    return refusal(ChatError(Code.SERVER_ERROR, "Something went wrong here. It has been noted."))


def wrong_method(allowed: str) -> HttpResponse:
    """The response for a method that the URL does not allow. `allowed` is the value of the Allow header."""
    response = refusal(HttpRefusal(HttpCode.WRONG_METHOD, f"Use one of these methods here: {allowed}."))
    response["Allow"] = allowed
    return response


@csrf_exempt
async def no_such_address(_request: HttpRequest, **_: Any) -> HttpResponse:
    """The view of every other URL under the API: 404 in JSON."""
    error = ChatError(Code.NOT_FOUND, "There is no such address in this API. See /api/v1/docs.")
    return refusal(error)
