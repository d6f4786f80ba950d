"""A message tree as HTML, for pages and e-mails without scripts. All text is escaped; only our own elements occur."""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from chat.formatting.tree import Node, Tree

_TAGS = {"p": "p", "strong": "strong", "em": "em", "del": "del", "quote": "blockquote", "ul": "ul", "tr": "tr"}
_SIDES = {"left", "center", "right"}


def html_of(
    tree: Tree,
    *,
    names: Mapping[str, str],
    room_address: Callable[[str], str | None],
    emoji: Mapping[str, tuple[str, str]] = MappingProxyType({}),
    me: str = "",
    captions: bool = False,
) -> SafeString:
    """The HTML of a tree.

    `names`: display names of the mentioned members, by lower-case username.
    `room_address`: the URL of a room; None for a room that the reader does not know, which stays text.
    `emoji`: for custom emoji by name, the picture's URL, and the URL of a still one for readers who prefer reduced
    motion, or "".
    `me`: the reader's username, whose mentions are highlighted.
    `captions`: code blocks show their language, as on the page with scripts.
    """

    def of(nodes: Tree) -> SafeString:
        return format_html_join("", "{}", ((one(node),) for node in nodes))

    def one(node: Node | str) -> str:
        if isinstance(node, str):
            return node
        inner = of(node.children)
        match node.kind:
            case "br":
                return mark_safe("<br>")
            case "code":
                return format_html("<code>{}</code>", node.text)
            case "pre":
                figure = '<figure class="code" dir="ltr">{}<pre tabindex="0"><code>{}</code></pre></figure>'
                return format_html(figure, _caption(node.value) if captions else "", node.text)
            case "link":
                return format_html('<a href="{}" rel="noopener noreferrer nofollow">{}</a>', node.value, node.text)
            case "mention":
                name = names.get(node.text.lower(), node.text)
                mine = " me" if me and node.text.lower() == me.lower() else ""
                return format_html('<span class="mention{}" title="@{}">@{}</span>', mine, node.text, name)
            case "room":
                address = room_address(node.text)
                return (
                    format_html('<a class="mention" href="{}">#{}</a>', address, node.text)
                    if address
                    else f"#{node.text}"
                )
            case "emoji":
                return _own_emoji(node.text, emoji.get(node.text))
            case "heading":
                return format_html('<p class="heading"><strong>{}</strong></p>', inner)
            case "ol":
                return format_html("<ol{}>{}</ol>", mark_safe(' class="paren"') if node.value == ")" else "", inner)
            case "li":
                return (
                    format_html('<li value="{}">{}</li>', node.value, inner)
                    if node.value
                    else format_html("<li>{}</li>", inner)
                )
            case "table":
                return format_html('<div class="table"><table>{}</table></div>', inner)
            case "th" | "td" as cell:
                side = format_html(' class="{}"', node.value) if node.value in _SIDES else ""
                return format_html("<{}{}>{}</{}>", mark_safe(cell), side, inner, mark_safe(cell))  # noqa: S308 -- one of two
            case kind:
                tag = mark_safe(_TAGS[kind])  # noqa: S308 -- from the table
                return format_html("<{}>{}</{}>", tag, inner, tag)

    return of(tree)


def _caption(language: str) -> SafeString:
    button = '<button type="button" tabindex="-1">{}</button>'
    return format_html(f"<figcaption>{{}}{button}</figcaption>", language or _("code"), _("Copy"))


def _own_emoji(name: str, addresses: tuple[str, str] | None) -> str:
    if not addresses:
        return f":{name}:"
    address, still = addresses
    shown = '<img class="own-emoji" src="{}" alt=":{}:" title=":{}:" width="20" height="20">'
    image = format_html(shown, address, name, name)
    if not still:
        return image
    chosen = '<picture><source media="(prefers-reduced-motion: reduce)" srcset="{}">{}</picture>'
    return format_html(chosen, still, image)
