"""What makes the pages an installed program: its manifest, the service worker, and the page it shows offline.

Nothing here knows who asks, and the worker keeps nothing else: pages come from the network, always.
"""

import json
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from chat.pages.chat import import_map, modules, own_file

STYLES = ("tokens", "base", "people", "app", "sidebar", "conversation", "messages", "composer", "members", "overlays")
# The browser asks for the worker with each visit; what it gets must be what the server has now.
fresh = cache_control(no_cache=True)


@require_safe
@fresh
def manifest(_request: HttpRequest) -> JsonResponse:
    def icon(name: str, size: int, purpose: str) -> dict[str, str]:
        return {"src": static(f"app/{name}"), "type": "image/png", "sizes": f"{size}x{size}", "purpose": purpose}

    facts = {
        "name": "Backchannel",
        "short_name": "Backchannel",
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#fcfdfc",
        "theme_color": "#0c3438",
        "icons": [
            icon("icon-192.png", 192, "any"),
            icon("icon-512.png", 512, "any"),
            icon("icon-maskable-512.png", 512, "maskable"),
        ],
    }
    return JsonResponse(facts, content_type="application/manifest+json")


@require_safe
@fresh
def worker(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(_worker(get_language() or settings.LANGUAGE_CODE), content_type="text/javascript")


@require_safe
@fresh
def offline(request: HttpRequest) -> HttpResponse:
    return render(request, "offline.html")


@cache
def _worker(language: str) -> str:
    facts = {"version": settings.STATIC_VERSION, "offline": reverse("offline"), "shell": _shell(language)}
    return f"const FACTS = {json.dumps(facts)};\n\n{own_file('js/worker.js')}"


def _shell(language: str) -> list[str]:
    """What the chat's page begins with, and what the offline page needs."""
    imports = json.loads(import_map(language))["imports"]
    vendored = [address for address in imports.values() if "preact" in address or "htm" in address]
    styles = [static(f"css/{name}.css") for name in STYLES]
    return [
        *styles,
        *modules(language),
        *vendored,
        static("js/offline.js"),
        static("favicon.svg"),
        static("favicon-called.svg"),
    ]
