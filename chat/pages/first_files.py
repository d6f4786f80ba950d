"""Placeholders for the files of a message on the chat page. The scripts draw and load the files themselves: loading
them earlier would only delay the scripts. `components/files.js` and `text/files.js` draw the same."""

import re

from django.utils.html import escape
from django.utils.translation import gettext as _

from chat.protocol.events.files import FileFacts

GRID_MAX = 4
GRIDS = ("", "", "two", "three", "four")
PICTURE_MAX = (400, 320)
PICTURE_MIN = 32
SHOWN = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"}
_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,5})$")


def files_html(files: list[FileFacts]) -> str:
    """Return boxes with the sizes that pictures, films, sounds and files will have."""
    pictures = [file for file in files if _is_picture(file)]
    parts = [_pictures(pictures)] if pictures else []
    for file in files:
        if _is_picture(file):
            continue
        if file.type.startswith("video/") and file.width:
            parts.append(_box("film", file, 0))
        elif file.type.startswith("audio/"):
            parts.append('<div class="sound"></div>')
        else:
            parts.append(_row(file))
    return f'<div class="files">{"".join(parts)}</div>'


def _is_picture(file: FileFacts) -> bool:
    return file.type.startswith("image/") and bool(file.width) and ("480" in file.thumbs or file.type in SHOWN)


def _pictures(pictures: list[FileFacts]) -> str:
    shown = min(len(pictures), GRID_MAX)
    if shown == 1:
        return _box("picture", pictures[0], 2)
    return f'<div class="pictures {GRIDS[shown]}">{"<span class=picture></span>" * shown}</div>'


def _box(name: str, file: FileFacts, borders: int) -> str:
    """A box sized by the attributes of an SVG: the page's content security policy allows no inline styles."""
    width, height = file.width or 1, file.height or 1
    scale = min(1, PICTURE_MAX[0] / width, PICTURE_MAX[1] / height)
    wide, high = (max(PICTURE_MIN, int(side * scale + 0.5)) - borders for side in (width, height))
    size = f'width="{wide}" height="{high}" viewBox="0 0 {wide} {high}"'
    return f'<span class="{name}"><svg class="place" {size} aria-hidden="true"></svg></span>'


def _row(file: FileFacts) -> str:
    found = _EXTENSION.search(file.name)
    kind = found[1].upper() if found else _("File")
    icon = '<svg class="icon" aria-hidden="true"><use href="#i-file"/></svg>'
    return (
        f'<div class="file">{icon}<p><span><bdi>{escape(file.name)}</bdi></span><span>{escape(kind)}</span></p></div>'
    )
