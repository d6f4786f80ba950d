"""Compresses pages and API responses, except those that contain a secret (BREACH).

An attacker who can choose part of a compressed response and measure its length can guess a secret in it
(https://www.breachattack.com). Compressed responses contain none: CSRF tokens are masked again for each page, a page of
another site cannot send the session cookie except by a link (SameSite=Lax), and Django adds up to 100 random bytes to
each response. Keys, tickets and invitations appear in responses to POST and in the admin, which are not compressed; a
view that shows a secret elsewhere sets `response.holds_secret = True`.
"""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressionMiddleware(GZipMiddleware):
    """Django's gzip middleware, limited to responses without a secret."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Compress the response to a GET or HEAD outside the admin."""
        match = request.resolver_match
        secret = getattr(response, "holds_secret", False) or (match is not None and "admin" in match.namespaces)
        if secret or request.method not in {"GET", "HEAD"}:
            return response
        return super().process_response(request, response)
