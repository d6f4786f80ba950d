"""Checks that the keys that sign sessions and tokens cannot be guessed, even on a laptop."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from chat.checks.reach import public

KEY_MIN_CHARS = 32
KEY_MIN_DISTINCT = 10
HINT = "Make one: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"


@register(Tags.security)
def secret_key(**_kwargs: Any) -> list[CheckMessage]:
    """E003, E004: a public server needs its own SECRET_KEY, and no server may have a simple one."""
    if public() and not settings.CHAT_SECRET_KEY_GIVEN:
        return [Error("A public server needs SECRET_KEY in its environment.", hint=HINT, id="chat.E003")]
    if is_simple(settings.SECRET_KEY):
        return [Error(f"SECRET_KEY is too simple (at least {KEY_MIN_CHARS} characters).", hint=HINT, id="chat.E004")]
    return []


@register(Tags.security)
def fallbacks(**_kwargs: Any) -> list[CheckMessage]:
    """E008: a signature by a fallback key is accepted like one by the current key."""
    if not any(map(is_simple, settings.SECRET_KEY_FALLBACKS)):
        return []
    return [
        Error(
            "SECRET_KEY_FALLBACKS holds a key that is too simple: anyone who guesses it signs in as anyone.",
            hint="Leave that key out; everyone it signed in then signs in again.",
            id="chat.E008",
        )
    ]


def is_simple(key: str) -> bool:
    """Whether a key is too short or has too few different characters."""
    return len(key) < KEY_MIN_CHARS or len(set(key)) < KEY_MIN_DISTINCT
