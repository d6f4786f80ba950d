"""What changes accounts: one function for each act, used by pages, commands, the admin and the API."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access import access_changed
from accounts.models import ApiToken, Invitation, User, digest, end_sessions


class NotInvited(Exception):
    """Raised when an invitation code is missing, used or over: ask an administrator for an invitation."""


def account_create(
    *, username: str, password: str | None, display_name: str = "", email: str = "", staff: bool = False
) -> User:
    """Create an account; the very first one becomes the administrator.

    Args:
        password: None for an account that signs in with API tokens only.

    Raises:
        ValidationError: by field, when a name or the password will not do.
    """
    user = User(username=username, display_name=display_name.strip(), email=email, is_staff=staff, is_superuser=staff)
    _check(user, password)
    user.set_password(password)
    try:
        return _insert(user, founder=not User.objects.exists())
    except IntegrityError:
        # Somebody else became the first account, or took the name, at this very moment.
        user.is_staff = user.is_superuser = staff
        try:
            return _insert(user, founder=False)
        except IntegrityError:
            raise ValidationError({"username": "That username is taken."}) from None


def sign_up(*, username: str, password: str, display_name: str, email: str = "", invitation: str | None) -> User:
    """Create an account for somebody who came by the sign-up page, and use up their invitation.

    Args:
        invitation: the code, or None where none is asked for.

    Raises:
        NotInvited: the code does not count; nothing was created.
        ValidationError: see `account_create`.
    """
    with transaction.atomic():
        user = account_create(username=username, password=password, display_name=display_name, email=email)
        if invitation is not None and not user.is_founder:
            usable = Invitation.objects.usable().filter(code_hash=digest(invitation))
            if not usable.update(used_at=timezone.now(), used_by=user):
                raise NotInvited
        return user


def sign_out_everywhere(*, user: User) -> None:
    """End every session and JWT of the person. API tokens are revoked one by one: they belong to programs."""
    with transaction.atomic():
        end_sessions(user)
        access_changed([user.pk])


def account_deactivate(*, user: User) -> None:
    user.is_active = False
    user.save(update_fields=["is_active"])


def token_issue(*, user: User, name: str, lifetime: timedelta | None = None) -> tuple[ApiToken, str]:
    """Make an API token; returns the row and the key, which exists nowhere else."""
    expires_at = timezone.now() + lifetime if lifetime else None
    return ApiToken.issue(user=user, name=name, expires_at=expires_at)


def token_revoke(*, token: ApiToken) -> None:
    """End an API token, and the sockets that were opened with it."""
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
            access_changed([token.user_id])


def invitation_issue(
    *, note: str = "", created_by: User | None = None, expires_at: datetime | None = None
) -> tuple[Invitation, str]:
    """Make an invitation for one sign-up; returns the row and the code, which exists nowhere else."""
    code = secrets.token_urlsafe(16)
    invitation = Invitation.objects.create(
        note=note, code_hash=digest(code), created_by=created_by, expires_at=expires_at
    )
    return invitation, code


def _check(user: User, password: str | None) -> None:
    """Collect everything that is wrong with a new account, by field."""
    errors: dict[str, Any] = {}
    try:
        user.full_clean(exclude=["password"], validate_constraints=False)
    except ValidationError as error:
        errors = error.message_dict
    if "username" not in errors and User.objects.filter(username__iexact=user.username).exists():
        errors["username"] = ["That username is taken."]
    if password is not None:
        try:
            validate_password(password, user)
        except ValidationError as error:
            errors["password"] = error.messages
    if errors:
        raise ValidationError(errors)


def _insert(user: User, *, founder: bool) -> User:
    with transaction.atomic():
        user.pk = None
        user.is_founder = founder
        if founder:
            user.is_staff = user.is_superuser = True
        user.save(force_insert=True)
    return user
