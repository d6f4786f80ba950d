"""Emoji by name: the table that the page uses too, and the names in other chats (`bin/vendor` generates both from
emojibase-data)."""

import functools
import json
from pathlib import Path
from typing import Any

_VENDOR = Path(__file__).resolve().parents[1] / "static" / "chat" / "vendor"


LIGHTEST = "\U0001f3fb"


def emoji_named(name: str, whose: str = "") -> str | None:
    """Return the emoji of `:name:`, or None.

    `whose`: the naming of another chat, "iamcal" (Slack, Mattermost) or "joypixels" (Rocket.Chat). It takes precedence;
    its table holds only the names that differ from this server's table.
    """
    return (whose and _read("emoji/names")[whose].get(name)) or _signs().get(name)


def in_tone(sign: str, tone: str) -> str:
    """Return the emoji in a skin tone, U+1F3FB to U+1F3FF; unchanged if it has no skin tones."""
    return _lightest().get(sign, sign).replace(LIGHTEST, tone)


@functools.cache
def _signs() -> dict[str, str]:
    return {name: sign for sign, _group, names, _toned in _read("emoji")["emoji"] for name in names.split()}


@functools.cache
def _lightest() -> dict[str, str]:
    return {sign: toned for sign, _group, _names, toned in _read("emoji")["emoji"] if toned}


@functools.cache
def _read(table: str) -> Any:
    manifest = json.loads((_VENDOR / "manifest.json").read_text())
    path = _VENDOR / Path(manifest[table]["path"]).relative_to("vendor")
    return json.loads(path.read_text(encoding="utf-8"))
