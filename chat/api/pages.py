"""The OpenAPI document, and an HTML page rendered from it on the server, so that it needs no script and no CDN.

Both are public. They are the same for everyone, and rendered once: they were the slowest of the public pages, the HTML
page with 40 ms.
"""

import json
from functools import cache
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString

from chat.api.docs import reference
from chat.api.openapi import document


class _Made(NamedTuple):
    """The parts that are the same for every caller."""

    contents: SafeString
    endpoints: SafeString


def openapi_json(_request: HttpRequest) -> HttpResponse:
    """The OpenAPI document as JSON."""
    return HttpResponse(_json(reverse("chat:api:root")), content_type="application/json")


def documentation(request: HttpRequest) -> HttpResponse:
    """The documentation of the API as HTML."""
    return render(request, "chat/api/docs.html", _made(reverse("chat:api:root"))._asdict())


@cache
def _json(_prefix: str) -> bytes:
    return json.dumps(document()).encode()


@cache
def _made(_prefix: str) -> _Made:
    shown = {"reference": reference()}
    return _Made(*(render_to_string(f"chat/api/{part}.html", shown) for part in _Made._fields))
