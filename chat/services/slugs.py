"""Slugs of rooms, derived from titles in any script."""

import re
import secrets

from anyascii import anyascii

from chat.models import DIRECT_PREFIX, Room

# Leaves space for a number after it.
_LONGEST = 48
_TRIES = 20


def slug_of(title: str) -> str:
    """The title in ASCII: `Büro Süd` becomes `buro-sud`; a title without any letter gets a short random slug."""
    words = re.sub(r"[^a-z0-9]+", "-", anyascii(title).lower()).strip("-")[:_LONGEST].strip("-")
    return words if words and not words.startswith(DIRECT_PREFIX) else f"room-{secrets.token_hex(3)}"


def free_slug(title: str) -> str:
    """`slug_of(title)`, with a number appended when another room has it."""
    wanted = slug_of(title)
    near = Room.objects.filter(slug__istartswith=wanted).values_list("slug", flat=True)
    taken = {slug.lower() for slug in near}
    numbered = (wanted, *(f"{wanted}-{number}" for number in range(2, _TRIES)))
    return next((slug for slug in numbered if slug not in taken), f"{wanted}-{secrets.token_hex(4)}")
