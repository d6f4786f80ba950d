"""The OpenAPI document and the page made from it: server-rendered, so that it needs no script and no CDN."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from chat.api.openapi import document


async def openapi_json(_request: HttpRequest) -> HttpResponse:
    return JsonResponse(document())


async def documentation(request: HttpRequest) -> HttpResponse:
    return render(request, "api/docs.html", {"document": document()})
