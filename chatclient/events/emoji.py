"""The emoji of the server's own."""

import msgspec

from chatclient.events.base import Event


class CustomEmoji(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that stands for `:name:`, in texts and as a reaction. `url` and `still` (a picture that does not move;
    "" where `url` is one) are paths of the server."""

    name: str
    aliases: tuple[str, ...] = ()
    url: str = ""
    still: str = ""
    made_by: str = ""


class EmojiPage(Event, frozen=True, kw_only=True):
    """A page of them, by name. The client reads them all itself, see `emoji`."""

    type: str = "emoji"
    emoji: tuple[CustomEmoji, ...] = ()
    next: str | None = None
    may_add: bool = False


class EmojiChanged(Event, frozen=True, kw_only=True):
    """The emoji that was shown as `name` until now has these facts, or is new; None: it was deleted."""

    type: str = "emoji_changed"
    name: str
    emoji: CustomEmoji | None = None
