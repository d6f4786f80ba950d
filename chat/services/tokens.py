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
    *,
    user: Participant,
    name: str,
    lifetime: timedelta | None = None,
    scopes: Collection[str] = SCOPES,
    made_with: ApiToken | None = None,
) -> tuple[ApiToken, str]:
    """Create an API token; returns the row and the token, which is not stored.

    Args:
        scopes: see `chat.identity`.
        made_with: the token of the caller. The new one ends with it, at the latest.

    Raises:
        ValidationError: the name is no line of visible text, or too long.
    """
    ApiToken._meta.get_field("name").clean(name, None)
    key = ApiToken.PREFIX + secrets.token_urlsafe(32)
    ends = [timezone.now() + lifetime] if lifetime else []
    if made_with and made_with.expires_at:
        ends.append(made_with.expires_at)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        token_hash=digest(key),
        hint=key[:8],
        scopes=" ".join(scope for scope in SCOPES if scope in scopes),
        expires_at=min(ends, default=None),
        made_with=made_with,
    )
    return token, key


def token_revoke(*, token: ApiToken) -> None:
    """Revoke an API token and those that were made with it, and close the sockets that were opened with them."""
    with transaction.atomic():
        # Locked, so that no token is made with one that is being revoked.
        Participant.objects.select_for_update(no_key=True).get(pk=token.user_id)
        revoked, made = set[int](), {token.pk}
        while made:
            revoked |= made
            made = set(ApiToken.objects.filter(made_with__in=made).values_list("pk", flat=True)) - revoked
        if ApiToken.objects.filter(pk__in=revoked, revoked_at=None).update(revoked_at=timezone.now()):
            mark_access_changed([token.user_id])
