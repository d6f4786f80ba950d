"""The formats by the names that commands and the API use."""

from collections.abc import Callable
from importlib import import_module

from chat.importing.archives import Archive
from chat.importing.stream import Options, Stream

FORMATS = (
    "slack",
    "mattermost",
    "zulip",
    "rocketchat",
    "discord",
    "telegram",
    "whatsapp",
    "matrix",
    "irc",
    "teams",
    "campfire",
    "backchannel",
)


def reader(name: str) -> Callable[[Archive, Options], Stream]:
    """The `read` of a format."""
    read: Callable[[Archive, Options], Stream] = import_module(f"chat.importing.{name}").read
    return read
