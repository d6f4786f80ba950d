"""Displays people without a photo, and writes addresses and times into HTML. chat/static/chat/js/text/people.js and
net/addresses.js do the same in the browser."""

import re
from datetime import datetime

from django.urls import reverse

HUES = 24


def hue(user_id: int) -> int:
    """Return the colour of a person by the id of the account: 24 consecutive accounts have different colours."""
    return user_id % HUES + 1


def initials(name: str) -> str:
    """Return one or two characters for a name."""
    words = [word for word in re.split(r"[\s._-]+", name.strip()) if word]
    letters = words[0][0] + words[-1][0] if len(words) > 1 else (words[0] if words else "?")[:2]
    return letters.upper()


def chat_path(path: str) -> str:
    """Return the URL of a chat path as the protocol names it: `/files/…`."""
    return reverse("chat:home") + path.removeprefix("/")


def iso(moment: datetime) -> str:
    """Return the value of a `datetime` attribute: HTML allows three digits after the second."""
    return moment.isoformat(timespec="milliseconds")
