"""Checks of the Web Push settings."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from chat.checks.reach import public
from chat.lib.special_addresses import is_own_name

EXAMPLE = "CHAT_PUSH_CONTACT=mailto:chat@example.org, or leave it out where PUBLIC_URL is https"


@register(Tags.security)
def push_contact(**_kwargs: Any) -> list[CheckMessage]:
    """E010, W007: a push service refuses a signature whose contact it cannot reach, with a bare 403."""
    contact = settings.CHAT_PUSH_CONTACT
    if contact and not is_contact(contact):
        sentence = f"CHAT_PUSH_CONTACT must be mailto: or https: at a host on the internet, not {contact[:100]!r}."
        return [Error(sentence, hint=f"Set {EXAMPLE}.", id="chat.E010")]
    if not contact and public() and settings.CHAT_HTTPS:
        return [
            Warning(
                "Pushes are signed without a contact, which some push services refuse: PUBLIC_URL is no https:// "
                "address on the internet.",
                hint=f"Set {EXAMPLE}.",
                id="chat.W007",
            )
        ]
    return []


def is_contact(contact: str) -> bool:
    """Whether a push service accepts this as `sub` (RFC 8292, 2.1)."""
    if contact.startswith("mailto:"):
        name, at, host = contact.removeprefix("mailto:").rpartition("@")
        return bool(name and at) and not is_own_name(host)
    parts = urlsplit(contact)
    return parts.scheme == "https" and bool(parts.hostname) and not is_own_name(parts.hostname or "")
