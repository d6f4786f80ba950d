"""What names may look like."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# Also what an @mention can name: it must end where a sentence goes on, so no dot or hyphen at the end.
USERNAME_PATTERN = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,30}[A-Za-z0-9_])?"
# Said beside the field before, and as the error after.
USERNAME_RULE = gettext_lazy(
    "Use 1 to 32 letters (a to z), digits, dots, hyphens or underscores, with no dot or hyphen at the start or the end."
)
# @room and @here name everybody.
RESERVED_USERNAMES = {"room", "here"}
# They turn the text after a name around, so that it can pose as another.
_BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")


def is_username(value: str) -> bool:
    """Can somebody be called that? Ask before looking for them: databases choke on some texts."""
    return re.fullmatch(USERNAME_PATTERN, value) is not None


def validate_username(value: str) -> None:
    if not is_username(value):
        raise ValidationError(USERNAME_RULE)
    if value.lower() in RESERVED_USERNAMES:
        raise ValidationError(_("That username is reserved."))


def validate_display_name(value: str) -> None:
    """One line of visible text: nothing that breaks the line, hides, or is no character at all."""
    unprintable = any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in value)
    if unprintable or _BIDI_CONTROLS.search(value):
        raise ValidationError(_("Use letters, digits, signs and spaces only."))
