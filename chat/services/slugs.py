"""Slugs of rooms, derived from titles in any script, and their addresses: both share one namespace."""

import re
import secrets
from collections.abc import Callable

from anyascii import anyascii

from chat.models import DIRECT_PREFIX, SLUG_PATTERN, Room, RoomAddress, ServerState
from chat.protocol.errors import ChatError, Code

# Leaves space for a number at the end.
_LONGEST = 48
_TRIES = 20
# Addresses per room: each one is unavailable to all other rooms.
ADDRESSES_MAX = 20


def slug_of(title: str) -> str:
    """The title in ASCII: `Büro Süd` becomes `buro-sud`; a title without letters or digits gets a short random slug."""
    words = re.sub(r"[^a-z0-9]+", "-", anyascii(title).lower()).strip("-")[:_LONGEST].strip("-")
    return words if words and not words.startswith(DIRECT_PREFIX) else f"room-{secrets.token_hex(3)}"


def free_slug(title: str) -> str:
    """`slug_of(title)`, with a number appended if another room has it, or has or had it as its address."""
    wanted = slug_of(title)
    slugs = Room.objects.filter(slug__istartswith=wanted).values_list("slug", flat=True)
    addresses = RoomAddress.objects.filter(address__istartswith=wanted).values_list("address", flat=True)
    taken = {name.lower() for name in (*slugs, *addresses)}
    numbered = (wanted, *(f"{wanted}-{number}" for number in range(2, _TRIES)))
    return next((slug for slug in numbered if slug not in taken), f"{wanted}-{secrets.token_hex(4)}")


def name_problem(name: str) -> str:
    """The problem with a slug or an address that a person chose; "" if there is none."""
    if not re.fullmatch(SLUG_PATTERN, name, re.ASCII):
        return "use 1 to 64 letters, digits, hyphens or underscores"
    if name.lower().startswith(DIRECT_PREFIX):
        return f"names that start with {DIRECT_PREFIX} are kept for direct messages"
    return ""


def names_lock() -> None:
    """Keep other transactions from taking a name until this one ends. Slugs and addresses are in two tables, and no
    constraint keeps a name from being in both."""
    ServerState.objects.select_for_update(no_key=True).get(pk=ServerState.SINGLETON)


def slug_claim(slug: str) -> None:
    """Refuse a new slug that is a room's current or former address. Call it in the transaction that creates the room.

    Raises:
        ChatError: `conflict`.
    """
    names_lock()
    if RoomAddress.objects.filter(address=slug.lower()).exists():
        raise ChatError(Code.CONFLICT, "A room with that name already exists.", fields={"room": "is taken"})


def address_take(room: Room, name: str, pay: Callable[[], None]) -> str:
    """Give a locked room this address, "" for its slug, and return the new value of `Room.address`. Former addresses
    still lead to the room, and stay reserved. `pay`: as for a new room, which reveals as much about taken names.

    Raises:
        ChatError: `conflict`, `invalid`, `forbidden` (it has had too many).
    """
    wanted = name.lower()
    if wanted in ("", room.slug.lower()):
        return ""
    if problem := name_problem(wanted):
        raise ChatError(Code.INVALID, f"address: {problem}.", fields={"address": problem})
    own = RoomAddress.objects.filter(room=room)
    if own.filter(address=wanted).exists():
        return wanted
    # First, so that a room at its limit does not reveal which names are taken.
    if own.count() >= ADDRESSES_MAX:
        raise ChatError(Code.FORBIDDEN, f"A room can have {ADDRESSES_MAX} addresses. Choose one that it had before.")
    pay()
    names_lock()
    taken = Room.objects.filter(slug__iexact=wanted).exists() or RoomAddress.objects.filter(address=wanted).exists()
    if taken:
        fields = {"address": "is taken"}
        raise ChatError(Code.CONFLICT, "Another room has or had that address.", fields=fields)
    RoomAddress.objects.create(room=room, address=wanted)
    return wanted
