"""The server's custom emoji."""

from collections import defaultdict

from django.db.models import QuerySet

from chat.models import CustomEmoji, EmojiName
from chat.protocol import events

STILL = "still"
# Emoji in one event: 70 KB with usual names.
PAGE = 500


def emoji_list() -> list[events.CustomEmoji]:
    """Return all custom emoji by name. Two queries for any number."""
    return _listed(_mains().order_by("name"))


def emoji_page(*, after: str, limit: int = PAGE) -> tuple[list[events.CustomEmoji], str | None]:
    """Return the emoji whose names sort after `after`, and the `after` of the next page, or None. Two queries."""
    found = _listed(_mains().filter(name__gt=after).order_by("name")[: limit + 1])
    return found[:limit], found[limit - 1].name if len(found) > limit else None


def emoji_search(query: str, *, start: int, limit: int) -> tuple[list[events.CustomEmoji], int]:
    """Return `limit` of the emoji with the text in a name, from the index `start`, and the total. Three queries."""
    found = _mains()
    if query:
        found = found.filter(emoji__in=EmojiName.objects.filter(name__contains=query).values("emoji"))
    return _listed(found.order_by("name")[start : start + limit]), found.count()


def _mains() -> QuerySet[EmojiName]:
    return EmojiName.objects.filter(main=True).select_related("emoji__file", "emoji__made_by")


def _listed(mains: QuerySet[EmojiName]) -> list[events.CustomEmoji]:
    shown = list(mains)
    aliases: dict[int, list[str]] = defaultdict(list)
    others = EmojiName.objects.filter(main=False, emoji__in=[main.emoji_id for main in shown]).order_by("name")
    for emoji_id, name in others.values_list("emoji_id", "name"):
        aliases[emoji_id].append(name)
    return [facts_of(main.emoji, [main.name, *aliases[main.emoji_id]]) for main in shown]


def facts_of(emoji: CustomEmoji, names: list[str]) -> events.CustomEmoji:
    """Return what clients are sent about an emoji; the first of its names is shown."""
    url, still = _addresses(emoji.file.key, emoji.file.thumbs)
    return events.CustomEmoji(
        name=names[0],
        aliases=names[1:],
        url=url,
        still=still,
        made_by=emoji.made_by.username,
    )


def main_name(name: str) -> str | None:
    """Return the name under which the emoji with this name or alias is shown; None when there is none."""
    found = EmojiName.objects.filter(emoji__names__name=name, main=True)
    return found.values_list("name", flat=True).first()


def emoji_addresses() -> dict[str, tuple[str, str]]:
    """Return, for every name, the addresses of the picture and of its still version ("" if it has none). One query."""
    rows = EmojiName.objects.values_list("name", "emoji__file__key", "emoji__file__thumbs")
    return {name: _addresses(key, thumbs) for name, key, thumbs in rows}


def _addresses(key: str, thumbs: str) -> tuple[str, str]:
    address = f"/emoji/{key}"
    return address, f"{address}/{STILL}" if STILL in thumbs.split() else ""
