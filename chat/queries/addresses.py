"""Finding a room by an address that is not its slug."""

from chat.models import RoomAddress


def slug_at(name: str) -> str | None:
    """The slug of the room that has this address or had it before; None for all other names, also for slugs.

    It says nothing of whether somebody may see the room: the caller checks that with the slug. One query.
    """
    found: str | None = RoomAddress.objects.filter(address=name.lower()).values_list("room__slug", flat=True).first()
    return found


def slugs_at(names: set[str]) -> dict[str, str]:
    """`slug_at` of each of these that has one. One query, or none."""
    if not names:
        return {}
    rows = RoomAddress.objects.filter(address__in={name.lower() for name in names})
    slugs = dict(rows.values_list("address", "room__slug"))
    return {name: slugs[name.lower()] for name in names if name.lower() in slugs}
