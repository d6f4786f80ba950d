"""The OpenAPI document, and an HTML page rendered from it on the server, so that it needs no script and no CDN."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from chat.api.docs import reference
from chat.api.openapi import document


def openapi_json(_request: HttpRequest) -> HttpResponse:
    """The OpenAPI document as JSON."""
    return JsonResponse(document())


def documentation(request: HttpRequest) -> HttpResponse:
    """The documentation of the API as HTML."""
    return render(request, "chat/api/docs.html", {"reference": reference()})
