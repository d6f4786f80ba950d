"""The OpenAPI document, and a page made from it: rendered here, so that it needs no script and no CDN."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from chat.api.docs import reference
from chat.api.openapi import document


def openapi_json(_request: HttpRequest) -> HttpResponse:
    return JsonResponse(document())


def documentation(request: HttpRequest) -> HttpResponse:
    return render(request, "api/docs.html", {"reference": reference()})
