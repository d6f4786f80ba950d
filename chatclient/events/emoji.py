"""The server's custom emoji."""

import msgspec

from chatclient.events.base import Event


class CustomEmoji(msgspec.Struct, frozen=True, kw_only=True):
    """A picture for `:name:`, in texts and as a reaction. `url` and `still` (a version without animation; "" if `url`
    is not animated) are paths on the server."""

    name: str
    aliases: tuple[str, ...] = ()
    url: str = ""
    still: str = ""
    made_by: str = ""


class EmojiPage(Event, frozen=True, kw_only=True):
    """A page of custom emoji, by name. The client reads all pages itself, see `emoji`."""

    type: str = "emoji"
    emoji: tuple[CustomEmoji, ...] = ()
    next: str | None = None
    may_add: bool = False


class EmojiChanged(Event, frozen=True, kw_only=True):
    """The emoji displayed as `name` until now changed to `emoji`, or is new; None: it was deleted."""

    type: str = "emoji_changed"
    name: str
    emoji: CustomEmoji | None = None
