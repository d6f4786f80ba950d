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
    "csv",
    "backchannel",
)

# Rooms of these have no id but their title.
TITLED = frozenset({"whatsapp", "irc", "csv"})
# Those that are not just written large.
_NAMES = {"rocketchat": "Rocket.Chat", "whatsapp": "WhatsApp", "irc": "IRC", "csv": "CSV"}
# Readers whose module has another name than the format: `csv` is a module of Python.
_MODULES = {"csv": "tables"}


def chat_name(name: str) -> str:
    """The name of the chat that a format is of."""
    return _NAMES.get(name, name.capitalize())


def reader(name: str) -> Callable[[Archive, Options], Stream]:
    """The `read` of a format."""
    read: Callable[[Archive, Options], Stream] = import_module(f"chat.importing.{_MODULES.get(name, name)}").read
    return read
