"""URLs of the API. Any other URL under it is answered with 404 in JSON."""

from functools import cache, partial

from django.http import HttpRequest
from django.urls import URLPattern, path, re_path
from django.views.decorators.http import require_safe

from chat.api.app import ROUTERS, api
from chat.api.errors import no_such_address
from chat.api.pages import documentation, openapi_json
from chat.api.request_checks import guarded

app_name = "api"


def _known_query(route: str, request: HttpRequest) -> frozenset[str] | None:
    """The names of the query parameters of an endpoint; None for a method that it does not allow."""
    return _known_queries().get((route, request.method or ""))


@cache
def _known_queries() -> dict[tuple[str, str], frozenset[str]]:
    # Not from the OpenAPI document, which takes 20 times as long to build.
    return {
        (route.removeprefix("/").replace("{", "<").replace("}", ">"), method): frozenset(
            name
            for model in operation.models
            if model.__ninja_param_source__ == "query"
            for name in model.__ninja_flatten_map__
        )
        for router in ROUTERS
        for route, view in router.path_operations.items()
        for operation in view.operations
        for method in operation.methods
    }


def _endpoints() -> list[URLPattern]:
    endpoints = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern) and pattern.name != "api-root"]
    for endpoint in endpoints:
        endpoint.callback = guarded(endpoint.callback, partial(_known_query, str(endpoint.pattern)))
    return endpoints


urlpatterns = [
    path("", require_safe(documentation), name="root"),
    path("docs", require_safe(documentation), name="docs"),
    path("openapi.json", require_safe(openapi_json), name="openapi"),
    *_endpoints(),
    re_path("", no_such_address),
]
