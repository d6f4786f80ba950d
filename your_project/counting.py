"""Counts Django's requests by the name of their route, which bounds the number of time series."""

import time
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import sync_and_async_middleware

from chat import metrics

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


@sync_and_async_middleware
def count_requests(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """Middleware, the first in the list, so that it counts even requests that others refuse."""
    if iscoroutinefunction(get_response):

        async def count_async(request: HttpRequest) -> HttpResponse:
            answer: Awaitable[HttpResponse] = get_response(request)
            began = _begin()
            try:
                response = await answer
            except BaseException:
                _end(request, 0, began)
                raise
            _end(request, response.status_code, began)
            return response

        return count_async

    def count_sync(request: HttpRequest) -> HttpResponse:
        began = _begin()
        try:
            response: HttpResponse = get_response(request)
        except BaseException:
            _end(request, 0, began)
            raise
        _end(request, response.status_code, began)
        return response

    return count_sync


def _begin() -> float:
    metrics.HTTP_IN_PROGRESS.inc()
    return time.perf_counter()


def _end(request: HttpRequest, status: int, began: float) -> None:
    """Count the end of a request; `status` 0: the client disconnected before the response."""
    route, method = route_of(request), request.method if request.method in _METHODS else "other"
    metrics.HTTP_IN_PROGRESS.dec()
    metrics.HTTP_REQUESTS.labels(route, method, str(status) if status else "gone").inc()
    metrics.HTTP_SECONDS.labels(route).observe(time.perf_counter() - began)


def route_of(request: HttpRequest) -> str:
    """Return the request's route: `admin` for the whole admin, `unknown` for a path that matches nothing."""
    match = request.resolver_match
    if match is None:
        return "unknown"
    return "admin" if "admin" in match.app_names else match.url_name or "unknown"
