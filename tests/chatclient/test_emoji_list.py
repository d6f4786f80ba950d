"""The client's list of custom emoji: read in pages, kept up to date, read again after a loss."""

import pytest

from chatclient import CustomEmoji, EmojiChanged
from chatclient.display import Lines
from chatclient.emoji_list import EmojiList
from chatclient.events import EmojiPage
from tests.chatclient.talk import Talk, joined


def emoji(name: str, *aliases: str) -> CustomEmoji:
    return CustomEmoji(name=name, aliases=aliases, url=f"/emoji/{name}", made_by="bob")


def page(*names: str, after: str | None = None) -> EmojiPage:
    return EmojiPage(emoji=tuple(emoji(name) for name in names), next=after)


@pytest.fixture
def known() -> EmojiList:
    """A list that was read completely."""
    made = EmojiList()
    made.add(page("anchor", "boat", after="boat"), made.ask())
    made.add(page("ship"), made.ask())
    assert made.complete
    return made


def test_pages_make_one_list_by_every_name() -> None:
    made = EmojiList()
    made.add(EmojiPage(emoji=(emoji("ship", "boat"),), next="ship"), made.ask())
    assert not made.complete
    made.add(page("anchor"), made.ask())
    assert {name: found.name for name, found in made.by_name.items()} == {
        "anchor": "anchor",
        "ship": "ship",
        "boat": "ship",
    }


def test_changes_are_followed(known: EmojiList) -> None:
    known.changed(EmojiChanged(name="ship", emoji=emoji("vessel", "ship")))
    known.changed(EmojiChanged(name="anchor"))
    known.changed(EmojiChanged(name="tug", emoji=emoji("tug")))
    assert list(known.by_name) == ["boat", "tug", "vessel", "ship"]


def test_a_change_that_overtakes_a_page_is_not_lost() -> None:
    made = EmojiList()
    first = made.ask()
    made.changed(EmojiChanged(name="boat"))
    made.add(page("boat", after="boat"), first)
    second = made.ask()
    made.changed(EmojiChanged(name="tug", emoji=emoji("tug")))
    made.add(page("ship"), second)
    assert list(made.by_name) == ["ship", "tug"]


def test_a_page_of_a_lost_connection_counts_for_nothing(known: EmojiList) -> None:
    known.forget()
    assert (known.complete, known.by_name) == (False, {})
    asked = known.ask()
    known.forget()
    known.add(page("old"), asked)
    assert not known.complete
    known.add(page("new"), known.ask())
    assert list(known.by_name) == ["new"]


def test_of_two_calls_at_once_one_page_counts() -> None:
    made = EmojiList()
    one, other = made.ask(), made.ask()
    made.add(page("anchor", after="anchor"), one)
    made.add(page("anchor", after="anchor"), other)
    made.add(page("boat"), made.ask())
    assert list(made.by_name) == ["anchor", "boat"]


def test_changes_are_kept_only_for_those_who_asked() -> None:
    made = EmojiList()
    made.changed(EmojiChanged(name="tug", emoji=emoji("tug")))
    made.add(page("ship"), made.ask())
    assert list(made.by_name) == ["ship"]


def test_the_session_follows_changes_and_forgets_with_the_connection(lobby: Talk) -> None:
    found = lobby.session.emoji
    found.add(page("ship"), found.ask())
    lobby.receive({"type": "emoji_changed", "name": "tug", "emoji": {"name": "tug", "aliases": ["tow"]}})
    assert list(found.by_name) == ["ship", "tug", "tow"]
    assert lobby.event_types == ["emoji_changed"]
    lobby.session.lost()
    lobby.open(joined())
    assert (found.complete, found.by_name) == (False, {})


def test_the_terminal_names_them_and_their_changes() -> None:
    lines = Lines()
    found = {"ship": emoji("ship", "ship-it"), "ship-it": emoji("ship", "ship-it"), "tug": emoji("tug")}
    assert lines.emoji(found, "") == [":ship: :ship-it:", ":tug:", "-- 2 emoji"]
    assert lines.emoji(found, ":IT:") == [":ship: :ship-it:", "-- 1 emoji"]
    assert lines.of(EmojiChanged(name="tug", emoji=emoji("tug"))) == "-- emoji: :tug:"
    renamed = EmojiChanged(name="ship", emoji=emoji("vessel", "ship"))
    assert lines.of(renamed) == "-- the emoji :ship: is called :vessel: :ship: now"
    assert lines.of(EmojiChanged(name="tug\x1b[2J")) == "-- the emoji :tug\ufffd[2J: was deleted"
