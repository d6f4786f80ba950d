"""Finds URLs and e-mail addresses in a text: their start, their end as a reader would see it, and their target.

linkify-it is not used: it takes 。 and 」 as part of an address, needs a list of top-level domains for e-mail, and
would be a third implementation to keep in sync. `chat/static/chat/js/text/formatting/addresses.js` implements the same.
"""

import re
import unicodedata
from typing import NamedTuple

from chat.formatting.letters import is_word
from chat.lib.normal_forms import normalized

# In characters. Longer addresses stay text; browsers and servers truncate at such lengths, too.
ADDRESS_MAX = 2_000

# Characters that end any address: spaces, controls, quotes, direction marks, and the full stops and brackets of scripts
# that put no space after a sentence.
_BEYOND = re.compile(
    '[\x00-\x20\x7f-\xa0<>"`\xab\xbb\u1680\u2000-\u206f\u3000-\u3003\u3008-\u3011\u3014-\u301f\ufeff'
    "\uff01\uff08\uff09\uff0c\uff0e\uff1a\uff1b\uff1f\uff3b\uff3d\uff5b\uff5d\uff5f-\uff65"
    "\u0589\u060c\u061b\u061f\u06d4\u0964\u0965\u104a\u104b\u1362\u17d4\u17d5]"
)
# Characters at the end that belong to the sentence or to a mark, not to the address.
_LOOSE_ENDS = "?!.,:;'*~\\|([{"
_OPENED_BY = {")": "(", "]": "[", "}": "{"}
# ASCII letters and digits, and everything beyond ASCII. Written as `[A-Za-z0-9\x80-\U0010ffff]` it would take 100 times
# as long to compile.
_OUTER = r"[^\x00-/:-@\[-`{-\x7f]"
_INNER = r"[^\x00-,./:-@\[-^`{-\x7f]"  # also _ and -
_LABEL = rf"{_OUTER}(?:{_INNER}*{_OUTER})?"
_MAIL_SIGNS = r"[A-Za-z0-9.!#$%&'*+=?^_{|}~-]"

_START = re.compile(r"https?://|www\.|@", re.IGNORECASE)
_HOST = re.compile(r"\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9_\x80-\U0010ffff][A-Za-z0-9_.\-\x80-\U0010ffff]*")
_PORT = re.compile(r":\d{1,5}(?!\d)", re.ASCII)
_USER = re.compile(r"[^/?#\s]{0,80}@")
_MAIL_NAME = re.compile(rf"{_MAIL_SIGNS}+\Z")
_MAIL_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")
_MAIL = re.compile(rf"{_MAIL_SIGNS}+@{_LABEL}(?:\.{_LABEL})+")
_WEB = re.compile(
    r"https?://(\[[0-9a-f:.]{2,45}\]|[A-Za-z0-9_.\-\x80-\U0010ffff]+)(?::\d{1,5})?(?:[/?#].*)?",
    re.IGNORECASE | re.DOTALL,
)
# A `_` directly before the address opens a mark, so one at its end closes it.
_UNDERLINED = re.compile(r"(?:^|[^A-Za-z0-9_])[*~]*_[*~_]*\Z")
# Characters to percent-encode: unencoded they would end an attribute, or browsers would read them differently.
_UNSAFE = re.compile('[\x00-\x20\x7f-\xa0"<>\\\\^`{|}\u1680\u2000-\u206f\ufeff]')
# What looks like an address: a scheme, www., a mailbox, an IP address, or names with dots that do not end with a file
# extension.
_LOOKS_LIKE_ONE = re.compile(
    r"[a-z][a-z0-9+.-]*:/|www\.|[a-z0-9]@[a-z0-9]|(?:(?<![0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![0-9.])|localhost(?::|$))|"
    r"\[[0-9a-f]*:[0-9a-f:.]*\]|(?:[a-z0-9\x80-\U0010ffff][a-z0-9_\x80-\U0010ffff-]*\.)+"
    r"(?!(?:pdf|txt|docx?|xlsx?|pptx?|od[tsp]|csv|jpe?g|png|gif|svg|webp|html?|css|[jt]sx?|json|ya?ml|toml|xml|log|exe|gz|tar)"
    r"(?![a-z0-9_.:/\x80-\U0010ffff-]))[a-z\x80-\U0010ffff][a-z0-9\x80-\U0010ffff-]+"
)
_LIKE_ASCII = {ord(sign): to for signs, to in (("。․‧・∙⋅", "."), ("⁄∕⧸╱", "/"), ("ː։׃∶꞉", ":")) for sign in signs}


def may_link(text: str) -> bool:
    """Whether the text may contain a web address: a cheap test, because it runs for every posted message."""
    return "://" in text or "www." in text.lower()


class Address(NamedTuple):
    """The position of an address in a text, and its target."""

    start: int
    end: int
    href: str


def addresses_in(text: str) -> list[Address]:
    """Return all addresses in `text`, in order, without overlap."""
    found: list[Address] = []
    done = 0
    for match in _START.finditer(text):
        if match.start() < done:
            continue
        address = _mail(text, match.start(), done) if match[0] == "@" else _web(text, match.start(), match[0])
        if address:
            found.append(address)
            done = address.end
    return found


def safe_href(written: str) -> str | None:
    """Return the target of a link: http, https or a mailbox; None for anything else.

    A name or password before the host is refused: `https://bank.example@evil.example` leads to evil.example.
    """
    written = written.strip()
    if len(written) > ADDRESS_MAX:
        return None
    if written[:7].lower() == "mailto:":
        return written if _MAIL.fullmatch(written, 7) else None
    match = _WEB.fullmatch(written)
    return _UNSAFE.sub(_percent, written) if match and _is_host(match[1]) else None


def shown_words(words: str, href: str) -> str:
    """Return the words of a link, or its target if the words look like a different address."""
    plain = _flat(words)
    if not _LOOKS_LIKE_ONE.search(plain):
        return words
    said, true = _bare(plain), _bare(_flat(href))
    secure = not plain.startswith("https:") or href[:6].lower() == "https:"
    if secure and (true == said or (true.startswith(said) and true[len(said)] in "/?#")):
        return words
    return href[7:] if href[:7].lower() == "mailto:" else href


def _flat(text: str) -> str:
    """The text as it looks: dots, slashes and letters unified, without invisible characters, in lower case."""
    folded = normalized("NFKC", text).translate(_LIKE_ASCII)
    return "".join(sign for sign in folded if unicodedata.category(sign) not in ("Cf", "Mn", "Cc")).lower().strip()


def _bare(address: str) -> str:
    """The address without scheme, www. and trailing slash, with its host decoded from Punycode (RFC 3492)."""
    bare = re.sub(r"^(?:https?:/*|mailto:)?(?:www\.)?", "", address)
    host, mark, rest = re.split(r"([/?#])", bare, maxsplit=1) if re.search(r"[/?#]", bare) else (bare, "", "")
    return ".".join(map(_decoded, host.split("."))) + (mark + rest).rstrip("/")


def _decoded(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _web(text: str, start: int, sign: str) -> Address | None:
    www = sign[0] in "wW"
    if start and (is_word(text[start - 1]) or text[start - 1] in ("@/+.-" if www else "@/+")):
        return None
    bound = _bound(text, start)
    host_at = start if www else start + len(sign)
    host = _HOST.match(text, host_at, bound)
    if not host:
        return None
    end = _host_end(text, host_at, host.end())
    closed = end < host.end()
    while text[end - 1] in ".-_" and end > host_at:
        end -= 1
        closed = True
    if not _is_host(text[host_at:end]) or (www and text.count(".", host_at, end) < 2):
        return None
    if not closed:
        if _USER.match(text, end, bound):
            return None
        port = _PORT.match(text, end, bound)
        end = port.end() if port else end
        if end < bound and text[end] in "/?#":
            end = _rest_end(text, start, end, bound)
    if end - start > ADDRESS_MAX:
        return None
    href = safe_href(("http://" if www else "") + text[start:end])
    return Address(start, end, href) if href else None


def _bound(text: str, start: int) -> int:
    limit = min(len(text), start + ADDRESS_MAX + 1)
    beyond = _BEYOND.search(text, start, limit)
    return beyond.start() if beyond else limit


def _rest_end(text: str, start: int, at: int, bound: int) -> int:
    """The end of the path: before a bracket that closes one opened before the address, and without punctuation of the
    sentence."""
    opened = dict.fromkeys("([{", 0)
    end = at
    while end < bound:
        sign = text[end]
        if sign in opened:
            opened[sign] += 1
        elif sign in _OPENED_BY:
            if not opened[_OPENED_BY[sign]]:
                break
            opened[_OPENED_BY[sign]] -= 1
        end += 1
    underlined = text[end - 1] == "_" and _UNDERLINED.search(text[max(0, start - 8) : start])
    while end > at and (text[end - 1] in _LOOSE_ENDS or (text[end - 1] == "_" and underlined)):
        end -= 1
    return end


def _host_end(text: str, start: int, end: int) -> int:
    """The end of the host: `example.orgを見る` leads to example.org."""
    last = text.rfind(".", start, end) + 1
    if last <= start:
        return end
    at = last
    while at < end and text[at].isascii() and text[at].isalpha():
        at += 1
    return at if at - last >= 2 and at < end and not text[at].isascii() and not is_word(text[at]) else end


def _is_host(host: str) -> bool:
    if host.startswith("["):
        return ":" in host
    labels = host.split(".")
    return len(host) <= 253 and all(0 < len(label) <= 63 and "-" not in (label[0], label[-1]) for label in labels)


def _mail(text: str, at: int, done: int) -> Address | None:
    start = at
    while start > done and at - start < 64 and _MAIL_NAME.match(text[start - 1]):
        start -= 1
    # Marks around an address are not part of it.
    while start < at and not (text[start].isascii() and text[start].isalnum()):
        start += 1
    name = text[start:at]
    if not name or ".." in name or not (name[-1].isalnum() or name[-1] in "_+-"):
        return None
    if start and (is_word(text[start - 1]) or text[start - 1] in "/@\\"):
        return None
    host = _MAIL_HOST.match(text, at + 1, _bound(text, at + 1))
    if not host:
        return None
    end = _host_end(text, at + 1, host.end())
    top = text[at + 1 : end].rpartition(".")[2]
    if len(top) < 2 or top.isdigit() or len(host[0]) > 253:
        return None
    # `git@host.example:path` is for programs, not an e-mail address.
    after = text[end : end + 2]
    if after[:1] in ("@", "/", "\\") or (after[:1] == ":" and after[1:].strip()):
        return None
    href = f"mailto:{text[start:end]}"
    return Address(start - 7 if text[max(0, start - 7) : start].lower() == "mailto:" else start, end, href)


def _percent(match: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in match[0].encode("utf-8", "replace"))
