"""Credentials of programs."""

import hashlib
from datetime import datetime, timedelta

from django.contrib.auth import get_user_model
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.lib.fields import LineField
from chat.models.participants import Participant


def digest(secret: str) -> str:
    """The stored hash of a token, a ticket or an invitation. They have 256 random bits, so a plain hash cannot be
    brute-forced."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


class ApiTokenQuerySet(models.QuerySet["ApiToken"]):
    """Queries of tokens."""

    def usable(self, now: datetime | None = None) -> "ApiTokenQuerySet":
        """Tokens that can still sign in."""
        alive = models.Q(expires_at=None) | models.Q(expires_at__gt=now or timezone.now())
        return self.filter(alive, login_is_active("user__"), revoked_at=None, user__is_active=True)


def login_is_active(prefix: str = "") -> models.Q:
    """A condition on the participant at `prefix`: the login is active by its own row, or there is no login."""
    try:
        get_user_model()._meta.get_field("is_active")
    except FieldDoesNotExist:
        return models.Q()
    return models.Q(**{f"{prefix}user": None}) | models.Q(**{f"{prefix}user__is_active": True})


class ApiToken(models.Model):
    """A long-lived token for a program. Only its hash is stored: the token itself is shown once."""

    PREFIX = "bc_"

    user = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="api_tokens")
    name = LineField(max_length=64)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    hint = models.CharField(
        max_length=8, editable=False, help_text=_("The first characters, to recognise the token by.")
    )
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    # Scopes, separated by spaces: see `chat.identity.SCOPES`.
    scopes = models.CharField(max_length=32, default="read write moderate", db_default="read write moderate")
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    # The token that created this one: both end together.
    made_with = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, editable=False, related_name="made"
    )

    objects = ApiTokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"


class Ticket(models.Model):
    """Opens one socket, for clients that can set neither header nor cookie.

    `kind` and `key` are those of the identity that requested it: the end of that identity also ends the socket. The
    process that redeems the ticket deletes the row.
    """

    LIFETIME = timedelta(seconds=30)

    user = models.ForeignKey(Participant, on_delete=models.CASCADE, related_name="+")
    ticket_hash = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=8)
    key = models.CharField(max_length=255)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"ticket of {self.user_id}"
