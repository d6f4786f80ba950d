"""How a person without a photo is displayed, and how addresses and moments are written into HTML; the browser has the
same in chat/static/chat/js/text/people.js and net/addresses.js."""

import re
from datetime import datetime

from django.urls import reverse

HUES = 24


def hue(user_id: int) -> int:
    """The colour of a person, by the id of the account: two dozen consecutive accounts have different ones."""
    return user_id % HUES + 1


def initials(name: str) -> str:
    """One or two letters of a name."""
    words = [word for word in re.split(r"[\s._-]+", name.strip()) if word]
    letters = words[0][0] + words[-1][0] if len(words) > 1 else (words[0] if words else "?")[:2]
    return letters.upper()


def chat_path(path: str) -> str:
    """The address of a path of the chat, as the wire names it: `/files/…`."""
    return reverse("chat:home") + path.removeprefix("/")


def iso(moment: datetime) -> str:
    """The value of `datetime`, where HTML allows three digits of a second."""
    return moment.isoformat(timespec="milliseconds")
