"""API tokens: made and revoked."""

import secrets
from collections.abc import Collection
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from chat.identity import SCOPES
from chat.models import ApiToken, Participant
from chat.models.credentials import digest
from chat.signals import mark_access_changed


def token_issue(
    *, user: Participant, name: str, lifetime: timedelta | None = None, scopes: Collection[str] = SCOPES
) -> tuple[ApiToken, str]:
    """Create an API token; returns the row and the token, which is not stored. `scopes`: see `chat.identity`.

    Raises:
        ValidationError: the name is no line of visible text, or too long.
    """
    ApiToken._meta.get_field("name").clean(name, None)
    key = ApiToken.PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        token_hash=digest(key),
        hint=key[:8],
        scopes=" ".join(scope for scope in SCOPES if scope in scopes),
        expires_at=timezone.now() + lifetime if lifetime else None,
    )
    return token, key


def token_revoke(*, token: ApiToken) -> None:
    """Revoke an API token, and close the sockets that were opened with it."""
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now()):
            mark_access_changed([token.user_id])
