"""The lists of custom emoji: in pages, and by part of a name."""

import pytest
from pytest_django import DjangoAssertNumQueries

from chat.models import CustomEmoji, EmojiName, File
from chat.queries.emoji import emoji_list, emoji_page, emoji_search
from support.people import alice

pytestmark = pytest.mark.django_db


def drawn(*names: str) -> None:
    """Emoji without pictures, each with its reversed name as an alias."""
    maker = alice()
    for name in names:
        file = File.objects.create(uploader=maker, name=name, length=1, size=1, thumbs="128", kept=True)
        made = CustomEmoji.objects.create(file=file, made_by=maker)
        EmojiName.objects.create(emoji=made, name=name, main=True)
        EmojiName.objects.create(emoji=made, name=name[::-1])


def test_pages_hold_each_emoji_once_in_the_order_of_names(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    names = [f"ship_{number:02}" for number in range(7)]
    drawn(*reversed(names))
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        with django_assert_num_queries(2):
            found, after = emoji_page(after=after, limit=3)
        seen += [emoji.name for emoji in found]
    assert seen == names == [emoji.name for emoji in emoji_list()]
    assert found[0].aliases == ["60_pihs"]
    assert emoji_page(after="ship_03", limit=3)[1] is None, "exactly the last three"


def test_a_part_of_any_name_finds_an_emoji(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    drawn("boat", "ship", "shipyard", "under_score")
    with django_assert_num_queries(3):
        found, total = emoji_search("ship", start=0, limit=1)
    assert ([emoji.name for emoji in found], total) == (["ship"], 2)
    assert [emoji.name for emoji in emoji_search("ship", start=1, limit=1)[0]] == ["shipyard"]
    assert [emoji.name for emoji in emoji_search("taob", start=0, limit=9)[0]] == ["boat"]
    assert [emoji.name for emoji in emoji_search("_", start=0, limit=9)[0]] == ["under_score"], "no pattern"
    assert emoji_search("", start=0, limit=9)[1] == 4
    assert emoji_search("absent", start=0, limit=9) == ([], 0)
