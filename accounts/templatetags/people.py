"""How a person is drawn without a photo; static/js/people.js does the same in the browser."""

import re
from datetime import datetime

from django import template
from django.utils.timesince import timesince

register = template.Library()

HUES = 8


@register.filter
def hue(username: str) -> int:
    """A steady number for a name, so that a person has one colour everywhere."""
    total = 0
    for letter in username:
        total = (total * 31 + ord(letter)) % 9973
    return total % HUES + 1


@register.filter
def initials(name: str) -> str:
    words = [word for word in re.split(r"[\s._-]+", name.strip()) if word]
    letters = words[0][0] + words[-1][0] if len(words) > 1 else (words[0] if words else "?")[:2]
    return letters.upper()


@register.filter
def ago(moment: datetime) -> str:
    """The larger unit alone: `2 hours ago`."""
    said = timesince(moment, depth=1)
    return "just now" if said.startswith("0") else f"{said} ago"
