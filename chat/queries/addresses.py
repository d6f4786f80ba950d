"""Finding a room by an address that is not its slug."""

from chat.models import RoomAddress


def slug_at(name: str) -> str | None:
    """Return the slug of the room that has or had this address; None for any other name, slugs included.

    It does not check who may see the room: the caller does, by the slug. One query.
    """
    found: str | None = RoomAddress.objects.filter(address=name.lower()).values_list("room__slug", flat=True).first()
    return found


def slugs_at(names: set[str]) -> dict[str, str]:
    """Return the `slug_at` of each of these names that has one. One query, or none."""
    if not names:
        return {}
    rows = RoomAddress.objects.filter(address__in={name.lower() for name in names})
    slugs = dict(rows.values_list("address", "room__slug"))
    return {name: slugs[name.lower()] for name in names if name.lower() in slugs}
