"""Character classes before and after a mark. `chat/static/chat/js/text/formatting/letters.js` implements the same."""

import re
import unicodedata

# Scripts written without spaces between words, and Hangul, whose endings directly follow a name: Thai to Khmer, CJK
# with its punctuation and full-width forms, kana, Yi. Between two such characters a word may begin or end anywhere.
SPACELESS = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff"
    "\ufe30-\ufe4f\uff00-\uffef\U0001b000-\U0001b16f\U00020000-\U0003ffff]"
)
# White space that is trimmed from the ends of a block; listed so that both implementations agree.
SPACES = (
    "\t\n\v\f\r \xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
# Invisible characters: format characters, fillers, variation selectors.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]"
)


def is_word(sign: str) -> bool:
    """Whether `sign` is a letter, digit or accent of a script that puts spaces between words."""
    if not sign:
        return False
    if sign.isascii():
        return sign.isalnum()
    return unicodedata.category(sign)[0] in "LNM" and not SPACELESS.match(sign)


def is_space(sign: str) -> bool:
    """Whether `sign` is white space or "", the end of a text."""
    return not sign or sign in "\t\n\v\f\r" or unicodedata.category(sign) in ("Zs", "Zl", "Zp")


def is_seen(text: str) -> bool:
    """Whether `text` has a visible character."""
    return any(unicodedata.category(sign)[0] not in "ZC" and not _UNSEEN.match(sign) for sign in text)
