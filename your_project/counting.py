"""Counts each request that Django answers, by the name of its route: as many time series as there are routes, whatever
strangers ask for."""

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
    """Middleware, the first of all: what the others refuse counts as well."""
    if iscoroutinefunction(get_response):

        async def later(request: HttpRequest) -> HttpResponse:
            answer: Awaitable[HttpResponse] = get_response(request)
            began = _begin()
            try:
                response = await answer
            except BaseException:
                _end(request, 0, began)
                raise
            _end(request, response.status_code, began)
            return response

        return later

    def at_once(request: HttpRequest) -> HttpResponse:
        began = _begin()
        try:
            response: HttpResponse = get_response(request)
        except BaseException:
            _end(request, 0, began)
            raise
        _end(request, response.status_code, began)
        return response

    return at_once


def _begin() -> float:
    metrics.HTTP_IN_PROGRESS.inc()
    return time.perf_counter()


def _end(request: HttpRequest, status: int, began: float) -> None:
    """`status` 0: the client left before the answer."""
    route, method = route_of(request), request.method if request.method in _METHODS else "other"
    metrics.HTTP_IN_PROGRESS.dec()
    metrics.HTTP_REQUESTS.labels(route, method, str(status) if status else "gone").inc()
    metrics.HTTP_SECONDS.labels(route).observe(time.perf_counter() - began)


def route_of(request: HttpRequest) -> str:
    """The whole administration is one; what is no address of ours is `unknown`."""
    match = request.resolver_match
    if match is None:
        return "unknown"
    return "admin" if "admin" in match.app_names else match.url_name or "unknown"
