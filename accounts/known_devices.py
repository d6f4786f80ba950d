"""Devices that a user has signed in from: failed attempts from elsewhere do not lock these out.

The browser keeps a signed cookie with a keyed digest of the name and a number that identifies the device in the rate
limit. It does not sign anyone in, and signing out keeps it.
"""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.crypto import salted_hmac

COOKIE = "known_device"
SALT = "accounts.known_devices"
AGE_SECONDS = 365 * 24 * 3600
# Maximum number of users per device.
MOST = 5


def device_of(request: HttpRequest, username: str) -> str | None:
    """The number of the requesting device, if this user has signed in there; else None."""
    return _known(request).get(_who(username))


def remember(request: HttpRequest, response: HttpResponseBase, username: str) -> None:
    """Add the user to the cookie of the device."""
    known, who = _known(request), _who(username)
    number = known.pop(who, None) or secrets.token_urlsafe(12)
    kept = dict([*known.items(), (who, number)][-MOST:])
    response.set_cookie(
        COOKIE,
        signing.dumps(kept, salt=SALT),
        max_age=AGE_SECONDS,
        path="/accounts/",
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def _known(request: HttpRequest) -> dict[str, str]:
    try:
        known = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=AGE_SECONDS)
    except signing.BadSignature:
        return {}
    return known if isinstance(known, dict) else {}


def _who(username: str) -> str:
    return salted_hmac(SALT, username.strip().lower()).hexdigest()[:16]
