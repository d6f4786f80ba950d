"""The identity of a caller, for pages, the HTTP API and the socket."""

import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models import Q
from django.utils import timezone

from accounts import jwt, tickets
from accounts.identity import Identity, Kind
from accounts.models import ApiToken, User, digest
from accounts.session_store import is_session_key
from lib.prepared_queries import PreparedQuery

# At most one write of `last_used_at` a minute, not one a request.
LAST_USED_EVERY = timedelta(minutes=1)

_SESSION = PreparedQuery(lambda key: Session.objects.filter(pk=key), "")
_USER = PreparedQuery(lambda user_id: User.objects.filter(pk=user_id), 0)


class _Holder(NamedTuple):
    user: User
    expires_at: datetime | None


def identify(*, headers: Mapping[str, str], cookies: Mapping[str, str], query: Mapping[str, str]) -> Identity | None:
    """The identity of the caller, or None. `headers` by lower-case name.

    An explicit token or ticket takes precedence over the session cookie, and an invalid one never falls back to it:
    a program that sends a wrong token must not act as the person whose browser it runs in.
    """
    if (ticket := query.get("ticket")) is not None:
        proof = tickets.redeem(ticket)
        return _identity("ticket", ":".join(proof)) if proof else None
    if (token := explicit_token(headers, query)) is not None:
        if token.startswith(ApiToken.PREFIX):
            return _identity("token", digest(token))
        claims = jwt.read(token)
        return _identity("jwt", claims.key) if claims else None
    session_key = cookies.get(settings.SESSION_COOKIE_NAME)
    return _identity("session", session_key) if session_key else None


def still_valid(identity: Identity) -> bool:
    """Whether the credential is still valid, by the database."""
    return renewed(identity) is not None


def renewed(identity: Identity) -> Identity | None:
    """The identity with its current values from the database; None when the credential is no longer valid."""
    now = _identity(identity.kind, identity.key)
    return now if now and now.user.pk == identity.user.pk else None


def explicit_token(headers: Mapping[str, str], query: Mapping[str, str]) -> str | None:
    """The token that the client sent, in the Authorization header (RFC 6750) or the query; None without one. Other
    schemes (a proxy's Basic) are ignored."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return query.get("token")


def relies_on_cookie(*, headers: Mapping[str, str], cookies: Mapping[str, str], query: Mapping[str, str]) -> bool:
    """Whether `identify` would use the cookie, which a browser also sends when another site makes the request."""
    return not _is_explicit(headers, query) and bool(cookies.get(settings.SESSION_COOKIE_NAME))


def is_anonymous(*, headers: Mapping[str, str], cookies: Mapping[str, str], query: Mapping[str, str]) -> bool:
    """Whether the request has no credential at all, so that there is nothing to look up."""
    return not _is_explicit(headers, query) and not cookies.get(settings.SESSION_COOKIE_NAME)


def _is_explicit(headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
    return "ticket" in query or explicit_token(headers, query) is not None


def _identity(kind: Kind, key: str) -> Identity | None:
    holder = _holder(kind, key)
    return Identity(holder.user, kind, key, holder.expires_at) if holder else None


def _holder(kind: str, key: str) -> _Holder | None:
    match kind:
        case "session":
            return _session_holder(key)
        case "token":
            return _token_holder(key)
        case "jwt":
            return _jwt_holder(key)
        case "ticket":
            # A ticket is valid as long as the identity that requested it.
            kind, _, key = key.partition(":")
            return _holder(kind, key)
    return None


def _session_holder(key: str) -> _Holder | None:
    if not is_session_key(key):
        return None
    session = _SESSION.first(key)
    if session is None or session.expire_date <= timezone.now():
        return None
    data = session.get_decoded()
    if SESSION_KEY not in data or data.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    user = _active(int(data[SESSION_KEY]))
    if user is None:
        return None
    # Unlike django.contrib.auth.get_user this does not renew the session key: a socket has no response to set a cookie
    # in.
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    if not any(hmac.compare_digest(str(data.get(HASH_SESSION_KEY, "")), one) for one in hashes):
        return None
    return _Holder(user, session.expire_date)


def _active(user_id: int) -> User | None:
    user = _USER.first(user_id)
    return user if user and user.is_active else None


def _token_holder(token_hash: str) -> _Holder | None:
    token = ApiToken.objects.usable().select_related("user").filter(token_hash=token_hash).first()
    if token is None:
        return None
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - LAST_USED_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USED_EVERY)
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
    return _Holder(token.user, token.expires_at)


def _jwt_holder(key: str) -> _Holder | None:
    claims = jwt.Claims.from_key(key)
    user = _active(claims.user_id)
    if user is None or claims.expires_at <= timezone.now():
        return None
    if not jwt.is_current(claims, user):
        return None
    return _Holder(user, claims.expires_at)
