"""Reads title, description, site and picture of a web page from its bytes. No I/O.

A hostile page can keep any HTML parser busy for minutes (the open elements are searched at each tag): call it where the
time is limited, as `chat.media.worker` does.

Sources: the encoding as browsers detect it (WHATWG HTML, 13.2.3.2, and WHATWG Encoding, 4.2, for the names), Open Graph
(ogp.me), the cards of X, and the plain HTML elements.
"""

import codecs
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from chat.lib.oneline import repaired

TITLE_MAX = 200
DESCRIPTION_MAX = 400
SITE_MAX = 80
ADDRESS_MAX = 2_000
# Bytes that are searched for an encoding; browsers read 1,024, but pages put long comments before it.
PRESCANNED = 8_192

_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le"))
_META = re.compile(rb"<meta\s[^>]*?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
_HEADER = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]+)", re.IGNORECASE)
# Names that mean another encoding on the web than in Python.
_ON_THE_WEB = {
    "ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-9": "cp1254", "iso8859-11": "cp874", "tis-620": "cp874",
    "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949", "big5": "big5hkscs",
}  # fmt: skip
_KNOWN = re.compile(r"utf-?8|cp\d+|iso8859-\d+|koi8-[ru]|mac-(?:roman|cyrillic)|gb18030|euc_jp|iso2022_jp|big5hkscs")
_PICTURES = ("og:image", "og:image:secure_url", "og:image:url", "twitter:image", "twitter:image:src")


@dataclass(frozen=True, slots=True)
class PageFacts:
    """The metadata of a page. `picture`: an http(s) address, or "". `large`: the page asks for a large picture."""

    title: str
    description: str = ""
    site: str = ""
    picture: str = ""
    large: bool = False


def facts_of_page(body: bytes, *, content_type: str, address: str) -> PageFacts | None:
    """Return the metadata of the page at `address` from its first bytes; None when it has no title."""
    tree = LexborHTMLParser(decoded(body, content_type))
    said = _said(tree)
    title = _line(said.get("og:title") or said.get("twitter:title") or _title(tree), TITLE_MAX)
    if not title:
        return None
    description = said.get("og:description") or said.get("twitter:description") or said.get("description") or ""
    pictures = (_target(said.get(name, ""), address) for name in _PICTURES)
    return PageFacts(
        title=title,
        description=_line(description, DESCRIPTION_MAX),
        site=_line(said.get("og:site_name") or urlsplit(address).hostname or "", SITE_MAX),
        picture=next(filter(None, pictures), ""),
        large=said.get("twitter:card", "") == "summary_large_image",
    )


def decoded(body: bytes, content_type: str) -> str:
    """Decode a page: by its byte order mark, the header, its `<meta>`, as UTF-8 if it is valid, else as windows-1252.
    Its end may be cut off."""
    for mark, name in _MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    header = _HEADER.search(content_type)
    if header and (codec := _codec(header[1])):
        return body.decode(codec, "replace")
    meta = _META.search(_without_comments(body[:PRESCANNED]))
    if meta and (codec := _codec(meta[1].decode("ascii"))):
        return body.decode(codec, "replace")
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(body)
    except UnicodeDecodeError:
        return body.decode("cp1252", "replace")


def _without_comments(head: bytes) -> bytes:
    """These bytes without comments; an unclosed comment hides nothing that follows."""
    kept, at = [], 0
    while (start := head.find(b"<!--", at)) >= 0 and (end := head.find(b"-->", start + 4)) >= 0:
        kept.append(head[at:start])
        at = end + 3
    return b"".join(kept) + head[at:]


def _codec(label: str) -> str | None:
    try:
        name = codecs.lookup(label.strip()).name
    except (LookupError, ValueError):
        return None
    if name.startswith("utf-16"):
        # The label was readable as ASCII, so the page is not UTF-16.
        return "utf-8"
    name = _ON_THE_WEB.get(name, name)
    return name if _KNOWN.fullmatch(name) else None


def _said(tree: LexborHTMLParser) -> Mapping[str, str]:
    """The `<meta>` values by lower-case name; the first of each wins. Some pages write `name` instead of `property`."""
    found: dict[str, str] = {}
    for node in tree.css("meta"):
        attributes = node.attributes
        content = (attributes.get("content") or "").strip()
        for name in (attributes.get("property"), attributes.get("name")):
            if name and content:
                found.setdefault(name.strip().lower(), content)
    return found


def _title(tree: LexborHTMLParser) -> str:
    # Not any <title>: an SVG in the page has its own.
    own = (node for node in tree.css("title") if node.parent is not None and node.parent.tag in ("head", "body"))
    node = next(own, None)
    return node.text() if node is not None else ""


def _target(written: str, address: str) -> str:
    try:
        target = urljoin(address, written) if written else ""
        scheme = urlsplit(target).scheme
    except ValueError:
        return ""
    return target if scheme in ("http", "https") and len(target) <= ADDRESS_MAX else ""


def _line(text: str, most: int) -> str:
    line = " ".join(repaired(" ".join(text.split())).split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
