"""One spelling of a password, as the OpaqueString profile of RFC 8265 (section 4.2) prepares it.

Keyboards differ: macOS and some phones send "é" as "e" and an accent, others as one character, and a no-break space
looks like a space. Case and width stay as they are.
"""

import re
import unicodedata

_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")


def opaque(password: str) -> str:
    """The form that is hashed: spaces of any kind are U+0020, the rest is NFC."""
    return unicodedata.normalize("NFC", _SPACES.sub(" ", password))


def spellings(password: str) -> list[str]:
    """What a stored hash may be of, the likeliest first: `opaque`, then what was hashed as it was typed before.

    A password of ASCII alone has one spelling, so nothing is hashed twice for it.
    """
    return list(dict.fromkeys([opaque(password), password, unicodedata.normalize("NFD", password)]))
