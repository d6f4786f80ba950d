"""Compresses pages and answers of the API, except where a secret stands beside what others can choose (BREACH).

An attacker who can choose part of a compressed answer and measure its length could guess a secret in it
(https://www.breachattack.com). What is compressed holds none: CSRF tokens are masked anew for each page, a page of
another site cannot send the session cookie with anything but a link (SameSite=Lax), and Django adds up to 100 random
bytes to each answer. Keys, tickets and invitations are shown in answers to POST and in the administration, and these
go out as they are; a view that shows a secret otherwise sets `response.holds_secret = True`.
"""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressionMiddleware(GZipMiddleware):
    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        match = request.resolver_match
        secret = getattr(response, "holds_secret", False) or (match is not None and "admin" in match.namespaces)
        if secret or request.method not in {"GET", "HEAD"}:
            return response
        return super().process_response(request, response)
