"""Creating and revoking API tokens."""

import secrets
from collections.abc import Collection
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from chat.identity import SCOPES, Identity
from chat.identity.credentials import token_of
from chat.lib.oneline import tidy
from chat.models import ApiToken, Participant
from chat.models.credentials import digest
from chat.protocol.errors import ChatError, Code
from chat.signals import mark_access_changed

# Limit of usable tokens per person.
TOKENS_MAX = 50


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
        made_with: the caller's token. The new one expires with it at the latest.

    Raises:
        ValidationError: the name is not a line of visible text, or is too long.
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


@transaction.atomic
def own_token_issue(
    *,
    identity: Identity,
    name: str,
    lifetime: timedelta | None,
    scopes: Collection[str],
) -> tuple[ApiToken, str]:
    """Create a token for the caller, like `token_issue`.

    Raises:
        ChatError: `forbidden` for scopes that the caller's credential lacks, and for more than TOKENS_MAX tokens;
            `invalid` for the name.
    """
    if not set(scopes) <= identity.scopes:
        raise ChatError(Code.FORBIDDEN, "A token can only make tokens that may do no more than itself.")
    # Locked, so that concurrent requests are counted one after the other, and none uses a token that is being revoked.
    Participant.objects.select_for_update(no_key=True).get(pk=identity.user.pk)
    made_with = token_of(identity)
    if ApiToken.objects.usable().filter(user=identity.user).count() >= TOKENS_MAX:
        raise ChatError(Code.FORBIDDEN, f"You have {TOKENS_MAX} tokens, as many as one person may. Revoke one first.")
    try:
        return token_issue(user=identity.user, name=tidy(name), lifetime=lifetime, scopes=scopes, made_with=made_with)
    except ValidationError as error:
        problem = " ".join(error.messages)
        raise ChatError(Code.INVALID, f"name: {problem}", fields={"name": problem}) from None


def token_revoke(*, token: ApiToken) -> None:
    """Revoke an API token and the tokens created with it, and close the sockets that were opened with them."""
    with transaction.atomic():
        # Locked, so that no token is created with one that is being revoked.
        Participant.objects.select_for_update(no_key=True).get(pk=token.user_id)
        revoked, made = set[int](), {token.pk}
        while made:
            revoked |= made
            made = set(ApiToken.objects.filter(made_with__in=made).values_list("pk", flat=True)) - revoked
        if ApiToken.objects.filter(pk__in=revoked, revoked_at=None).update(revoked_at=timezone.now()):
            mark_access_changed([token.user_id])
