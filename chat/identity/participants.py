"""The participant of a login, for any user model: created at the first visit, and kept in sync with the login's row.

The login's row decides `is_active`, `is_staff` and the password; a user model may lack any of the three. Changes by
`save` arrive at once through Django's signal; for changes by a `QuerySet.update` or another program, each process
checks its own sockets with `out_of_step` every second.
"""

import hashlib
import re
import secrets
from collections.abc import Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from anyascii import anyascii
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import FieldDoesNotExist, ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import F, Q
from django.db.models.functions import SHA256, Left
from django.utils.module_loading import import_string

from chat.models import Participant
from chat.models.validators import validate_username

# Hexadecimal digits of `Participant.password_mark`.
MARK_CHARS = 12
# The last number tried after a handle that is taken; random endings follow, up to 50 tries in all.
NUMBERED, TRIES = 20, 50


def participant_of(user: AbstractBaseUser | AnonymousUser) -> Participant:
    """Return the participant of this signed-in user, created by the first call in any process.

    Cached on the user instance, as Django caches any related row.

    Raises:
        ValueError: the user is not signed in, or was not saved.
    """
    if not isinstance(user, AbstractBaseUser):
        raise ValueError("Somebody who is not signed in is no participant.")
    if user._state.adding:
        raise ValueError("Save the user first: a participant belongs to its row.")
    try:
        found: Participant = user.participant  # type: ignore[attr-defined]  # the reverse of Participant.user
    except ObjectDoesNotExist:
        found = participant_make(user)
        user._state.fields_cache["participant"] = found
        return found
    return in_step(found, user)


def in_step(found: Participant, user: AbstractBaseUser) -> Participant:
    """Return the participant of this user, after `follow` if the user's row, as it was read, has other values."""
    if all(getattr(found, name) == value for name, value in _facts(user).items()):
        return found
    follow(user.pk)
    found.refresh_from_db()
    return found


def participant_make(user: AbstractBaseUser, *, username: str = "", display_name: str = "") -> Participant:
    """Create the participant of this user, named `username`, or without one, with a free handle like `handle_of`.

    Raises:
        IntegrityError: `username` is taken.
    """
    facts = _facts(user)
    if username:
        return Participant.objects.create(user_id=user.pk, username=username, display_name=display_name, **facts)
    base = handle_of(user)
    for handle in islice(_handles_like(base), TRIES):
        if Participant.objects.filter(username__iexact=handle).exists():
            continue
        try:
            with transaction.atomic():
                return Participant.objects.create(user_id=user.pk, username=handle, display_name=_shown(user), **facts)
        except IntegrityError:
            # Another request of the same user created it meanwhile, or another user took the name.
            if found := Participant.objects.filter(user_id=user.pk).first():
                return found
    raise RuntimeError(f"No handle is free beside {base!r}.")


def _handles_like(base: str) -> Iterator[str]:
    """Yield the handle, and endlessly others like it."""
    yield base
    yield from (f"{base[: 32 - len(str(number))]}{number}" for number in range(2, NUMBERED + 1))
    while True:
        # If thousands share a name, counting on would query for each of them.
        yield f"{base[:23]}-{secrets.token_hex(4)}"


def handle_of(user: AbstractBaseUser) -> str:
    """Return a handle for this user, by the rules of usernames; it may be taken. `CHAT["HANDLE"]` names a function that
    replaces the derivation.

    Derived from the username, without the "@" and what follows; if that is invalid, with "user-" before it.
    """
    if path := getattr(settings, "CHAT", {}).get("HANDLE"):
        name = str(import_string(path)(user))
    else:
        # Of any type: a username may be a customer number.
        name = str(user.get_username() or "").partition("@")[0]
    handle = re.sub(r"[^A-Za-z0-9_.-]+", "-", anyascii(name)).strip(".-")[:32].strip(".-")
    try:
        validate_username(handle)
    except ValidationError:
        return f"user-{handle}"[:32].strip(".-")
    return handle


def follow(user_id: Any) -> None:
    """Copy the values of this login's row to its participant, if it has one."""
    found = Participant.objects.filter(user_id=user_id).select_related("user").first()
    if found is None or found.user is None:
        return
    changed = {name: value for name, value in _facts(found.user).items() if getattr(found, name) != value}
    for name, value in changed.items():
        setattr(found, name, value)
    if changed:
        found.save(update_fields=list(changed))


def follow_behind(process_id: UUID) -> None:
    """Call `follow` for the participants with a socket on this process whose login was changed without a signal."""
    stale = Participant.objects.filter(out_of_step(), connections__process_id=process_id)
    for user_id in set(stale.values_list("user_id", flat=True)):
        follow(user_id)


def out_of_step(prefix: str = "") -> Q:
    """Return a filter for participants (under `prefix`) whose login's row has another value than the participant."""
    found = Q()
    for name in ("is_active", "is_staff"):
        if _has(name):
            # For a participant without a login, the comparison is NULL, which counts as false.
            found |= ~Q(**{f"{prefix}user__{name}": F(f"{prefix}{name}")}) & Q(**{f"{prefix}user__isnull": False})
    if _has("password"):
        mark = Left(_Digest(f"{prefix}user__password"), MARK_CHARS)
        found |= ~Q(**{f"{prefix}password_mark": mark}) & Q(**{f"{prefix}user__isnull": False})
    return found


def _facts(user: AbstractBaseUser) -> dict[str, Any]:
    return {
        "is_active": bool(user.is_active),
        "is_staff": bool(getattr(user, "is_staff", False)),
        "password_mark": password_mark(user.password or ""),
    }


def password_mark(stored: str) -> str:
    """Return the part of the login's stored password hash that a participant keeps, to notice another password: digits
    of a digest. It does not help to check a guess, since the stored hash is salted."""
    return hashlib.sha256(stored.encode()).hexdigest()[:MARK_CHARS]


class _Digest(SHA256):
    """SHA-256 without the extension `pgcrypto`, which Django's own class requires."""

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(
            compiler, connection, template="ENCODE(SHA256(CONVERT_TO(%(expressions)s, 'UTF8')), 'hex')", **extra
        )


def _shown(user: AbstractBaseUser) -> str:
    """Return the full name, if the user model has one that may be shown."""
    name = str(getattr(user, "get_full_name", str)() or "")[:64]
    field = Participant._meta.get_field("display_name")
    try:
        return str(field.clean(name, None)) if name else ""
    except ValidationError:
        return ""


def _has(name: str) -> bool:
    try:
        return isinstance(get_user_model()._meta.get_field(name), models.Field)
    except FieldDoesNotExist:
        return False
