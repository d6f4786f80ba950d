"""URLs of the API. Any other URL under it is answered with 404 in JSON."""

from django.urls import URLPattern, path, re_path
from django.views.decorators.http import require_safe

from chat.api.app import api
from chat.api.errors import no_such_address
from chat.api.openapi import known_query
from chat.api.pages import documentation, openapi_json
from chat.api.request_checks import guarded

app_name = "api"


def _endpoints() -> list[URLPattern]:
    endpoints = [pattern for pattern in api.urls[0] if isinstance(pattern, URLPattern) and pattern.name != "api-root"]
    for endpoint in endpoints:
        endpoint.callback = guarded(endpoint.callback, known_query)
    return endpoints


urlpatterns = [
    path("", require_safe(documentation), name="root"),
    path("docs", require_safe(documentation), name="docs"),
    path("openapi.json", require_safe(openapi_json), name="openapi"),
    *_endpoints(),
    re_path("", no_such_address),
]
