"""Emoji by name: the table that the page has as well (`bin/vendor` generates it from emojibase-data)."""

import functools
import json
from pathlib import Path

_VENDOR = Path(__file__).resolve().parents[1] / "static" / "chat" / "vendor"


def emoji_named(name: str) -> str | None:
    """The emoji of `:name:`, or None."""
    return _table().get(name)


@functools.cache
def _table() -> dict[str, str]:
    manifest = json.loads((_VENDOR / "manifest.json").read_text())
    folder = Path(manifest["emoji"]["path"]).relative_to("vendor")
    rows = json.loads((_VENDOR / folder).read_text(encoding="utf-8"))["emoji"]
    return {name: sign for sign, _group, names, _toned in rows for name in names.split()}
