"""HTML of message bodies (Teams, Matrix, Campfire) as Markdown."""

import re
from collections.abc import Callable, Mapping
from html.parser import HTMLParser

from chat.importing.words import clean, code, escaped, fence, link, quoted, styled

Attributes = Mapping[str, str]
# Returns the Markdown for a tag, its attributes and its inner text; None leaves the tag to the rules below.
Special = Callable[[str, Attributes, str], str | None]

_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "s": "~~", "del": "~~", "strike": "~~"}
_BLOCKS = {"p", "div", "ul", "ol", "blockquote", "pre", "table", "tr", "codeblock", "details", "summary", "hr"}
_HEADINGS = {f"h{number}" for number in range(1, 7)}
_HIDDEN = {"script", "style", "head", "title", "mx-reply"}
_VOID = {"br", "img", "hr", "input", "meta", "link", "area", "base", "col", "embed", "source", "track", "wbr"}
_SPACE = re.compile(r"[ \t\n\r\f]+")
_BREAK = "\x01"
# Deeper nesting means a file made to break programs; its text is kept.
DEPTH_MAX = 100


class _Open:
    __slots__ = ("attributes", "items", "parts", "tag")

    def __init__(self, tag: str, attributes: Attributes) -> None:
        self.tag, self.attributes = tag, attributes
        self.parts: list[str] = []
        self.items = 0


class _Reader(HTMLParser):
    def __init__(self, special: Special) -> None:
        super().__init__(convert_charrefs=True)
        self._special = special
        self._stack = [_Open("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "br":
            self._stack[-1].parts.append("\n")
        elif tag in _VOID:
            self._stack[-1].parts.append(self._words(tag, attributes, ""))
        elif len(self._stack) < DEPTH_MAX:
            if tag in {"li", "p", "tr"}:
                # Each of these ends where the next begins, with or without an end tag.
                self._close_same(tag)
            if tag == "code" and self._stack[-1].tag == "pre" and "class" in attributes:
                self._stack[-1].attributes = attributes
            self._stack.append(_Open(tag, attributes))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if any(one.tag == tag for one in self._stack[1:]):
            while self._close() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._inside("pre", "code", "codeblock"):
            self._stack[-1].parts.append(data.replace("\xa0", " "))
        else:
            self._stack[-1].parts.append(escaped(_SPACE.sub(" ", data).replace("\xa0", " ")))

    def result(self) -> str:
        while len(self._stack) > 1:
            self._close()
        return _tidy("".join(self._stack[0].parts))

    def _inside(self, *tags: str) -> bool:
        return any(one.tag in tags for one in self._stack)

    def _close_same(self, tag: str) -> None:
        for one in reversed(self._stack[1:]):
            if one.tag == tag:
                self.handle_endtag(tag)
                return
            if one.tag in {"ul", "ol", "table", "blockquote"}:
                return

    def _close(self) -> str:
        done = self._stack.pop()
        words = "".join(done.parts)
        special = self._special(done.tag, done.attributes, words)
        self._stack[-1].parts.append(self._words(done.tag, done.attributes, words) if special is None else special)
        return done.tag

    def _words(self, tag: str, attributes: Attributes, words: str) -> str:
        if tag in _HIDDEN:
            return ""
        if tag in {"img", "hr"}:
            special = self._special(tag, attributes, words)
            return special if special is not None else attributes.get("alt", "") if tag == "img" else _BREAK
        if tag in _MARKS:
            return words if self._inside("pre", "code") else styled(words, _MARKS[tag])
        if tag in _HEADINGS:
            return f"{_BREAK}{styled(words, '**')}{_BREAK}"
        if tag == "a":
            return link(words, clean(attributes.get("href")))
        if tag == "code":
            return words if self._inside("pre", "codeblock") else code(words)
        if tag in {"pre", "codeblock"}:
            language = attributes.get("class", "").removeprefix("language-").lower()
            return f"{_BREAK}{fence(words.replace(_BREAK, chr(10)), language)}{_BREAK}"
        if tag == "blockquote":
            return f"{_BREAK}{quoted(_tidy(words))}{_BREAK}\x02"
        if tag == "li":
            return self._item(words)
        return f"{_BREAK}{words}{_BREAK}" if tag in _BLOCKS else words

    def _item(self, words: str) -> str:
        holder = next((one for one in reversed(self._stack) if one.tag in {"ul", "ol"}), self._stack[0])
        holder.items += 1
        start = holder.attributes.get("start", "1")
        number = (int(start) if start.isdigit() and len(start) < 7 else 1) + holder.items - 1
        mark = f"{number}." if holder.tag == "ol" else "-"
        inner = _tidy(words).replace("\n", "\n    ")
        return f"{_BREAK}{mark} {inner}{_BREAK}"


def _tidy(words: str) -> str:
    """Convert breaks to line ends: one for several in a row, none at the ends, and an empty line after a quote."""
    words = re.sub(f"\n? *{_BREAK}[ {_BREAK}]*", "\n", words)
    words = re.sub("\n\x02\n?", "\n\n", words).replace("\x02", "")
    return words.strip("\n ").strip("\n")


def markdown(html: object, special: Special = lambda _tag, _attributes, _words: None) -> str:
    """HTML as our Markdown. Unknown tags are dropped, and their text stays."""
    reader = _Reader(special)
    reader.feed(clean(html).translate({1: None, 2: None}))
    reader.close()
    return reader.result()
