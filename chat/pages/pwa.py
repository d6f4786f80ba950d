"""The installed app: its manifest, the service worker, and the offline page.

These responses do not depend on the user, and the worker caches nothing else: pages always come from the network.
"""

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from chat.lib import csrf
from chat.pages import scripts
from chat.pages.scripts import static

# The browser requests the worker at each visit, and must get the current one.
fresh = cache_control(no_cache=True)


@require_safe
@fresh
def manifest(_request: HttpRequest) -> JsonResponse:
    """Return the web app manifest (W3C, Web Application Manifest)."""

    def icon(name: str, size: int, purpose: str) -> dict[str, str]:
        return {"src": static(f"app/{name}"), "type": "image/png", "sizes": f"{size}x{size}", "purpose": purpose}

    home = reverse("chat:home")
    facts = {
        "name": "Backchannel",
        "short_name": "Backchannel",
        "id": home,
        "start_url": home,
        "scope": home,
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
    """Return the service worker, with the list of files it caches."""
    return HttpResponse(_worker(), content_type="text/javascript")


@require_safe
@fresh
def offline(request: HttpRequest) -> HttpResponse:
    """Return the page that the worker shows without a connection."""
    return render(request, "chat/offline.html")


@require_safe
@never_cache
def csrf_token(request: HttpRequest) -> HttpResponse:
    """Return the CSRF token for the worker of a signed-in user, if scripts cannot read the cookie; 403 for others."""
    if not request.user.is_authenticated:
        return HttpResponse(status=403)
    return HttpResponse(get_token(request), content_type="text/plain")


def _worker() -> str:
    facts = {
        "version": settings.CHAT_STATIC_VERSION,
        "base": reverse("chat:home"),
        "offline": reverse("chat:offline"),
        "shell": _shell(),
        "csrf": {
            "cookie": settings.CSRF_COOKIE_NAME,
            "header": csrf.header(),
            "page": reverse("chat:csrf") if csrf.is_hidden() else None,
        },
        "icon": static("app/icon-192.png"),
    }
    return f"const FACTS = {json.dumps(facts)};\n\n{scripts.own_file('js/pwa/service_worker.js')}"


def _shell() -> list[str]:
    """The files that the chat page loads first, and those of the offline page."""
    return [
        *scripts.styles("base"),
        *scripts.styles("chat"),
        *(address for address, _ in scripts.preloaded()),
        static("js/pwa/offline.js"),
        static("favicon.svg"),
        static("favicon-called.svg"),
    ]
