"""The contact sheet: every picture on one page, a row for each state."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

THEMES = ("light", "dark")
_STYLE = """
body { margin: 0; padding: 32px; font: 14px/20px Inter, "Liberation Sans", Arial, sans-serif; color: #17211f; background: #dfe6e4; }
h1 { margin: 0 0 24px; font-size: 24px; line-height: 30px; }
main, figure { display: flex; flex-wrap: wrap; align-items: flex-start; }
main { gap: 32px; }
figure { gap: 8px; margin: 0; }
figcaption { flex: 0 0 100%; font-weight: 600; }
img { display: block; border-radius: 6px; box-shadow: 0 1px 3px rgb(0 0 0 / .25); }
"""  # noqa: E501 -- a style sheet
# The scale of a picture on the sheet: a quarter of the screen that it shows.
_SHRINK = 4


@dataclass(frozen=True, slots=True)
class Picture:
    """One screenshot. `path` is relative to the sheet."""

    path: Path
    scene: str
    state: str
    width: int
    theme: str


def contact_sheet(pictures: Sequence[Picture]) -> str:
    """The sheet as HTML, by state, then by width and theme."""
    states = list(dict.fromkeys((picture.scene, picture.state) for picture in pictures))
    figures = []
    for scene, state in states:
        shown = [picture for picture in pictures if (picture.scene, picture.state) == (scene, state)]
        shown.sort(key=lambda picture: (-picture.width, THEMES.index(picture.theme)))
        images = "".join(map(_image, shown))
        figures.append(f"<figure><figcaption>{escape(scene)}: {escape(state)}</figcaption>{images}</figure>")
    head = '<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>Backchannel, every screen</title>\n'
    body = "<h1>Backchannel, every screen</h1>\n<main>\n" + "\n".join(figures) + "\n</main>\n"
    return f"{head}<style>{_STYLE}</style>\n{body}"


def _image(picture: Picture) -> str:
    words = f"{picture.state}, {picture.width} wide, {picture.theme}"
    address, width = escape(str(picture.path)), picture.width // _SHRINK
    return (
        f'<a href="{address}"><img src="{address}" alt="{escape(words)}" title="{escape(words)}" width="{width}"></a>'
    )
