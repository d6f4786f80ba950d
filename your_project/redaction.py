"""Redacts keys and tokens that get into a log line through a URL or an exception.

The search takes linear time for any text. Each alternative starts with a prefix of fixed length, and then matches a run
of characters possessively (`++`, `*+`), which is redacted as a whole: no character is read by two attempts. The
exception is the space around `=` and after `Bearer`, which belongs to the one word before it.
"""

import re

BLOT = "[…]"
SECRETS = re.compile(
    r"""(?ix)
    (?P<name> \b(?:token|ticket|password|invitation|access_token|sessionid|csrftoken) ["']? \s*+[=:]\s*+ ["']? )
        [^\s&"'<>;,)}\]]++
    # Links of e-mails, and the short ones of invitations.
    | (?P<link> /(?:password/reset/key|mail/confirm|unsubscribe|join)/ ) [^\s/]++
    | (?P<bearer> \bBearer\s++ ) \S++
    | \b bc_[\w-]++                                    # our API tokens, also one that was cut
    | \b eyJ[\w-]{5,}+ (?: \.[\w-]*+ ){0,2}            # JWT, the same
    """
)


# Each alternative contains one of these; searching for them first takes a tenth of the time.
_PARTS = (
    *("token", "ticket", "password", "invitation", "sessionid", "bearer", "bc_", "eyj"),
    *("/mail/confirm/", "/unsubscribe/", "/join/"),
)


def without_secrets(text: str) -> str:
    """Return `text` with each secret replaced by BLOT."""
    # Ignoring case, some non-ASCII letters match an ASCII one.
    if text.isascii():
        small = text.lower()
        if not any(part in small for part in _PARTS):
            return text
    return SECRETS.sub(lambda found: (found["name"] or found["link"] or found["bearer"] or "") + BLOT, text)
