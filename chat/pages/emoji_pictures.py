"""The pictures of custom emoji on pages without scripts."""

import re

from django.urls import reverse

from chat.models import Preferences
from chat.protocol.emoji import NAME_PATTERN
from chat.queries.emoji import emoji_addresses

# Text that may be a named emoji.
NAMED = re.compile(f":{NAME_PATTERN}:")

# By name: the URL of the picture, and of the still picture for readers with reduced motion, or "".
Pictures = dict[str, tuple[str, str]]


def emoji_pictures(animated: str) -> Pictures:
    """Return the pictures by name, animated as the reader prefers; without scripts "on hover" is "never". One query."""
    home = reverse("chat:home")
    found: Pictures = {}
    for name, paths in emoji_addresses().items():
        url, still = (home + path.removeprefix("/") if path else "" for path in paths)
        if animated == Preferences.AnimatedEmoji.AUTO:
            found[name] = url, still
        else:
            found[name] = (url if animated == Preferences.AnimatedEmoji.ALWAYS else still or url), ""
    return found
