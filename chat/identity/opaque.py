"""The normal form of a password: the OpaqueString profile of RFC 8265 (section 4.2).

Keyboards differ: macOS and some phones send "é" as "e" and an accent, others as one character, and a no-break space
looks like a space. Case and width are not changed.
"""

import re

from chat.lib.normal_forms import normalized

_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")


def opaque(password: str) -> str:
    """The form that is hashed: spaces of any kind become U+0020, the rest NFC."""
    return normalized("NFC", _SPACES.sub(" ", password))


def spellings(password: str) -> list[str]:
    """The texts that a stored hash may be of, the likeliest first: `opaque`, then the password as it was typed, for
    older hashes.

    A password of ASCII characters has one spelling, so that it is hashed once.
    """
    return list(dict.fromkeys([opaque(password), password, normalized("NFD", password)]))
