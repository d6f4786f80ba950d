"""The identity of a caller, for pages, the HTTP API and the socket."""

import hmac
from collections.abc import Mapping, Sequence
from copy import copy
from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY, get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.backends.db import SessionStore as DatabaseSession
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.db.models import CharField, Q, UUIDField
from django.utils import timezone

from chat.identity import ALL, Identity, Kind, acting, jwt, tickets
from chat.identity.participants import in_step, participant_of
from chat.lib.prepared_queries import PreparedMany, PreparedQuery, Value, numbers, texts
from chat.models import ApiToken, Participant
from chat.models.credentials import digest
from chat.protocol.errors import ChatError, Code

# `last_used_at` is written at most once a minute, not once per request.
LAST_USED_EVERY = timedelta(minutes=1)

_SESSION = PreparedQuery(lambda key: Session.objects.filter(pk=key), "")
_PARTICIPANT = PreparedQuery(lambda pk: Participant.objects.select_related("user").filter(pk=pk), 0)


def _login_keys(place: int) -> Value:
    """Return placeholders for primary keys of logins, of whichever type they are."""
    key = get_user_model()._meta.pk
    return (
        UUID(int=place)
        if isinstance(key, UUIDField)
        else texts(place)
        if isinstance(key, CharField)
        else numbers(place)
    )


_OF_LOGIN = PreparedQuery(lambda pk: Participant.objects.select_related("user").filter(user_id=pk), _login_keys(0))
_SESSIONS = PreparedMany(lambda keys: Session.objects.filter(pk__in=keys), texts)
_OF_LOGINS = PreparedMany(lambda pks: Participant.objects.select_related("user").filter(user_id__in=pks), _login_keys)
_TOKENS = PreparedMany(
    lambda hashes, now: ApiToken.objects.usable(now).select_related("user__user").filter(token_hash__in=hashes),
    texts,
    also=(datetime(2000, 1, 1, tzinfo=UTC),),
)


class Asked(NamedTuple):
    """The parts of a request that identify its caller, as `identify` takes them."""

    headers: Mapping[str, str]
    cookies: Mapping[str, str]
    query: Mapping[str, str]


class _Holder(NamedTuple):
    user: Participant
    expires_at: datetime | None
    scopes: frozenset[str] = ALL


class _Session(NamedTuple):
    data: dict[str, Any]
    expires_at: datetime


def identify(*, headers: Mapping[str, str], cookies: Mapping[str, str], query: Mapping[str, str]) -> Identity | None:
    """Return the identity of the caller, or None. `headers` by lower-case name.

    An explicit token or ticket takes precedence over the session cookie, and an invalid one never falls back to it:
    a program that sends a wrong token must not act as the user of the browser it runs in.
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


def identify_all(callers: Sequence[Asked]) -> list[Identity | None]:
    """`identify` for each of these callers, with two queries for all sessions, and one for all access tokens."""
    proofs = [_together(caller) for caller in callers]
    found: dict[tuple[Kind, str], _Holder | None] = {}
    if len(sessions := [key for kind, key in filter(None, proofs) if kind == "session"]) > 1:
        found |= {("session", key): holder for key, holder in _sessions_held(sessions).items()}
    if len(tokens := [key for kind, key in filter(None, proofs) if kind == "token"]) > 1:
        found |= {("token", key): holder for key, holder in _tokens_held(tokens).items()}
    return [
        _named(*proof, _taken(found, proof)) if proof in found else identify(**caller._asdict())
        for proof, caller in zip(proofs, callers, strict=True)
    ]


def _taken(found: dict[tuple[Kind, str], _Holder | None], proof: tuple[Kind, str]) -> _Holder | None:
    """Return the holder of this credential. Sockets do not share participants: the next one with it gets a copy."""
    holder = found[proof]
    found[proof] = holder and holder._replace(user=copy(holder.user))
    return holder


def of_session(user: AbstractBaseUser, session: SessionBase) -> Identity | None:
    """Return the identity of a user whom the project's own middleware found by this session."""
    participant = _active(participant_of(user))
    if participant is None:
        return None
    key = str(session.session_key or "")
    # `get_expiry_date` starts the session's age again at each request, which would let a socket outlive its session.
    kept = _session(key)
    return Identity(_alone(participant), "session", key, kept.expires_at if kept else session.get_expiry_date())


def still_valid(identity: Identity) -> bool:
    """Return whether the credential is still valid, according to the database."""
    return renewed(identity) is not None


def renewed(identity: Identity) -> Identity | None:
    """Return the identity with its current values from the database; None if the credential is no longer valid."""
    now = _identity(identity.kind, identity.key)
    return now if now and now.user.pk == identity.user.pk else None


def token_of(identity: Identity) -> ApiToken | None:
    """Return the API token behind the identity, or None for a user who signed in.

    Raises:
        ChatError: `forbidden` if the token has ended meanwhile.
    """
    kind, key = identity.credential
    if kind != "token":
        return None
    token = ApiToken.objects.usable().filter(token_hash=key).first()
    if token is None:
        raise ChatError(Code.FORBIDDEN, "This token has ended.")
    return token


def explicit_token(headers: Mapping[str, str], query: Mapping[str, str]) -> str | None:
    """Return the token in the Authorization header (RFC 6750) or the query; None without one. Other schemes (a proxy's
    Basic) are ignored."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return token.strip()
    return query.get("token")


def relies_on_cookie(*, headers: Mapping[str, str], cookies: Mapping[str, str], query: Mapping[str, str]) -> bool:
    """Whether `identify` would use the cookie, which a browser also sends when another site makes the request."""
    return not _is_explicit(headers, query) and bool(cookies.get(settings.SESSION_COOKIE_NAME))


def is_anonymous(*, headers: Mapping[str, str], cookies: Mapping[str, str], query: Mapping[str, str]) -> bool:
    """Return whether the request has no credential at all, so that no look-up is needed."""
    return not _is_explicit(headers, query) and not cookies.get(settings.SESSION_COOKIE_NAME)


def _is_explicit(headers: Mapping[str, str], query: Mapping[str, str]) -> bool:
    return "ticket" in query or explicit_token(headers, query) is not None


def is_session_key(key: str) -> bool:
    """Return whether this can be a session key. PostgreSQL raises an error for NUL, so that a forged cookie would cause
    a server error."""
    return key.isascii() and key.isalnum()


def _identity(kind: Kind, key: str) -> Identity | None:
    return _named(kind, key, _holder(kind, key))


def _named(kind: Kind, key: str, holder: _Holder | None) -> Identity | None:
    return Identity(holder.user, kind, key, holder.expires_at, holder.scopes) if holder else None


def _holder(kind: str, key: str) -> _Holder | None:
    match kind:
        case "session":
            return _session_holder(key)
        case "token":
            return _token_holder(key)
        case "jwt":
            return _jwt_holder(key)
        case "ticket":
            # A ticket is valid as long as the credential that requested it.
            kind, _, key = key.partition(":")
            return _holder(kind, key)
    return None


def _together(caller: Asked) -> tuple[Kind, str] | None:
    """Return the credential that `identify` would use, if it can be looked up for many callers at once; None for any
    other."""
    if _is_explicit(caller.headers, caller.query):
        token = None if "ticket" in caller.query else explicit_token(caller.headers, caller.query)
        return ("token", digest(token)) if token and token.startswith(ApiToken.PREFIX) else None
    key = caller.cookies.get(settings.SESSION_COOKIE_NAME)
    return ("session", key) if key and is_session_key(key) and _is_in_database(_engine()) else None


def _sessions_held(keys: Sequence[str]) -> dict[str, _Holder | None]:
    """Return the holders of these sessions, by key; without those that need more than a look-up."""
    now = timezone.now()
    sessions = {row.session_key: _Session(row.get_decoded(), row.expire_date) for row in _SESSIONS.all(keys)}
    logins = {key: _login_pk(session) for key, session in sessions.items() if session.expires_at > now}
    participants = {found.user_id: found for found in _OF_LOGINS.all(pk for pk in logins.values() if pk is not None)}
    held: dict[str, _Holder | None] = dict.fromkeys(keys)
    for key, pk in logins.items():
        if pk is None:
            continue
        if user := participants.get(pk):
            # Two sessions of one user need separate participants, and the login is removed from each.
            active = _active(copy(user))
            held[key] = _proven(sessions[key], active) if active else None
        else:
            # The first visit: `identify` creates the participant.
            del held[key]
    return held


def _session_holder(key: str) -> _Holder | None:
    session = _session(key)
    if session is None or session.expires_at <= timezone.now():
        return None
    pk = _login_pk(session)
    user = _of_session(pk) if pk is not None else None
    return _proven(session, user) if user else None


def _proven(session: _Session, user: Participant) -> _Holder | None:
    """Return the holder, if the session was created with the login's current password."""
    data, login = session.data, user.user
    assert login
    # Unlike django.contrib.auth.get_user, this does not renew the session key: a socket has no response to set a cookie
    # in.
    hashes = [login.get_session_auth_hash(), *login.get_session_auth_fallback_hash()]
    if not any(hmac.compare_digest(str(data.get(HASH_SESSION_KEY, "")), one) for one in hashes):
        return None
    return _Holder(_alone(user), session.expires_at)


def _session(key: str) -> _Session | None:
    """Return the session with this key, from the project's session engine."""
    engine = _engine()
    if _is_in_database(engine):
        row = _SESSION.first(key) if is_session_key(key) else None
        return _Session(row.get_decoded(), row.expire_date) if row else None
    store = engine(key)
    # Read first: a store whose session has ended switches to a new key as soon as it is read.
    data = dict(store.items())
    return _Session(data, store.get_expiry_date()) if data else None


def _engine() -> type[SessionBase]:
    engine: type[SessionBase] = import_module(settings.SESSION_ENGINE).SessionStore
    return engine


def _is_in_database(engine: type[SessionBase]) -> bool:
    return issubclass(engine, DatabaseSession) and engine.get_model_class() is Session


def _login_pk(session: _Session) -> Any:
    """Return the primary key of the session's login; None when it names none that is valid here."""
    data, key = session.data, get_user_model()._meta.pk
    assert key
    if SESSION_KEY not in data or data.get(BACKEND_SESSION_KEY) not in settings.AUTHENTICATION_BACKENDS:
        return None
    try:
        return key.to_python(data[SESSION_KEY])
    except ValidationError:
        return None


def _of_session(pk: Any) -> Participant | None:
    """Return the participant of the login with this primary key, created at the first visit."""
    model = get_user_model()
    if found := _OF_LOGIN.first(pk):
        return _active(found)
    login: AbstractBaseUser | None = model._default_manager.filter(pk=pk).first()
    return _active(participant_of(login)) if login and login.is_active else None


def _active(user: Participant | None) -> Participant | None:
    """Return the participant if it is active; if it has a login, the login's row decides."""
    if user is None:
        return None
    if user.user:
        user = in_step(user, user.user)
    return user if user.is_active else None


def _alone(user: Participant) -> Participant:
    """Remove the row of the login: a socket keeps the participant as long as it is open."""
    # Use a new dictionary: an emptied one keeps its size.
    user._state.fields_cache = {}
    return user


def _token_holder(token_hash: str) -> _Holder | None:
    return _tokens_held([token_hash])[token_hash]


def _tokens_held(hashes: Sequence[str]) -> dict[str, _Holder | None]:
    """Return the holders of these access tokens, by hash."""
    held: dict[str, _Holder | None] = dict.fromkeys(hashes)
    usable = _TOKENS.all(hashes, also=(timezone.now(),))
    return held | {token.token_hash: _proven_by_token(token) for token in usable}


def _proven_by_token(token: ApiToken) -> _Holder | None:
    user = _active(token.user)
    if user is None:
        return None
    now = timezone.now()
    if token.last_used_at is None or token.last_used_at < now - LAST_USED_EVERY:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USED_EVERY)
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
    scopes = frozenset(token.scopes.split())
    return _Holder(acting(_alone(user), scopes), token.expires_at, scopes)


def _jwt_holder(key: str) -> _Holder | None:
    claims = jwt.Claims.from_key(key)
    user = _active(_PARTICIPANT.first(claims.user_id))
    if user is None or claims.expires_at <= timezone.now():
        return None
    if not jwt.is_current(claims, user):
        return None
    return _Holder(_alone(user), claims.expires_at)
