"""The normal form of a password: the OpaqueString profile of RFC 8265 (section 4.2).

Keyboards differ: macOS and some phones send "é" as "e" and an accent, others as one character, and a no-break space
looks like a space. Case and width stay as they are.
"""

import re

from chat.lib.normal_forms import normalized

_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")


def opaque(password: str) -> str:
    """Return the form that is hashed: spaces of any kind become U+0020, and the rest is normalized to NFC."""
    return normalized("NFC", _SPACES.sub(" ", password))


def spellings(password: str) -> list[str]:
    """Return the texts that may be behind a stored hash, the most likely first: `opaque`, then the password as typed,
    for older hashes.

    A password of ASCII characters has one spelling, and is hashed only once.
    """
    return list(dict.fromkeys([opaque(password), password, normalized("NFD", password)]))
