"""The emoji of the server's own."""

from collections import defaultdict

from chat.models import CustomEmoji, EmojiName
from chat.protocol import events

STILL = "still"


def emoji_list() -> list[events.CustomEmoji]:
    """All of them by name. Two queries for any number."""
    names: dict[int, list[str]] = defaultdict(list)
    for emoji_id, name in EmojiName.objects.order_by("-main", "name").values_list("emoji_id", "name"):
        names[emoji_id].append(name)
    rows = CustomEmoji.objects.select_related("file", "made_by")
    return sorted((facts_of(row, names[row.pk]) for row in rows if row.pk in names), key=lambda emoji: emoji.name)


def facts_of(emoji: CustomEmoji, names: list[str]) -> events.CustomEmoji:
    """What clients are sent of an emoji; the first of its names is shown."""
    url, still = _addresses(emoji.file.key, emoji.file.thumbs)
    return events.CustomEmoji(
        name=names[0],
        aliases=names[1:],
        url=url,
        still=still,
        made_by=emoji.made_by.username,
    )


def main_name(name: str) -> str | None:
    """The name by which the emoji of this name is shown; None when there is none."""
    found = EmojiName.objects.filter(emoji__names__name=name, main=True)
    return found.values_list("name", flat=True).first()


def emoji_addresses() -> dict[str, tuple[str, str]]:
    """The addresses of the picture and of the one that does not move ("" where there is none) by name, of all names.
    One query."""
    rows = EmojiName.objects.values_list("name", "emoji__file__key", "emoji__file__thumbs")
    return {name: _addresses(key, thumbs) for name, key, thumbs in rows}


def _addresses(key: str, thumbs: str) -> tuple[str, str]:
    address = f"/emoji/{key}"
    return address, f"{address}/{STILL}" if STILL in thumbs.split() else ""
