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

# Formats whose rooms have no id except their title.
TITLED = frozenset({"whatsapp", "irc", "csv"})
# Names that differ from the capitalised format.
_NAMES = {"rocketchat": "Rocket.Chat", "whatsapp": "WhatsApp", "irc": "IRC", "csv": "CSV"}
# Readers whose module is not named after the format: `csv` is a Python module.
_MODULES = {"csv": "tables"}


def chat_name(name: str) -> str:
    """The name of the chat program of a format."""
    return _NAMES.get(name, name.capitalize())


def reader(name: str) -> Callable[[Archive, Options], Stream]:
    """The `read` of a format."""
    read: Callable[[Archive, Options], Stream] = import_module(f"chat.importing.{_MODULES.get(name, name)}").read
    return read
