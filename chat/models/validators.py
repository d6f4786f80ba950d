"""Validators of names."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat.lib.fields import validate_line
from chat.lib.lookalikes import looks

# The names that an @mention can match: a sentence can continue after it, so it does not end in a dot or hyphen.
USERNAME_PATTERN = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,30}[A-Za-z0-9_])?"
# Shown beside the field, and as its error.
USERNAME_RULE = gettext_lazy(
    "Use 1 to 32 letters (a to z), digits, dots, hyphens or underscores, with no dot or hyphen at the start or the end."
)
# @room and @here mention all members in the protocol; people used to other chats write the other three for that.
RESERVED_USERNAMES = {"room", "here", "all", "everyone", "channel"}
# The name of a deleted account; no one else can have such a name, in any language of the pages.
ERASED_PREFIX = "deleted-"
ERASED_NAME = "Deleted account"
_RESERVED_LOOKS = {
    looks(name)
    for name in (
        ERASED_NAME, "Deleted user", "Account deleted", "Gelöschtes Konto", "Gelöschter Account", "Gelöschter Benutzer",
        "Gelöschte Person", "Konto gelöscht",
    )
}  # fmt: skip
_ERASED_LOOK = re.compile(rf"{looks(ERASED_PREFIX)}[0-9lo]*")


def is_username(value: str) -> bool:
    """Whether this can be a username. Check before a query: databases raise errors for some texts."""
    return re.fullmatch(USERNAME_PATTERN, value) is not None


def is_erased(username: str) -> bool:
    """Whether this is the username of a deleted account."""
    return username.lower().startswith(ERASED_PREFIX)


def is_reserved_name(name: str) -> bool:
    """Whether the name looks like a reserved one."""
    look = looks(name)
    return look in _RESERVED_LOOKS or _ERASED_LOOK.fullmatch(look) is not None


def validate_username(value: str) -> None:
    """Raise ValidationError for a username that is not allowed."""
    if not is_username(value):
        raise ValidationError(USERNAME_RULE)
    # Without surrounding underscores: `_@room_` is ambiguous. Not by look: `Ali` looks like `all`.
    if value.lower().strip("_") in RESERVED_USERNAMES or is_reserved_name(value):
        raise ValidationError(_("That username is reserved."))


def validate_free_name(value: str) -> None:
    """Raise ValidationError for a name that the product itself uses."""
    if is_reserved_name(value):
        raise ValidationError(_("That name is reserved."))


def validate_display_name(value: str) -> None:
    """Raise ValidationError for a shown name that is not allowed."""
    validate_line(value)
    validate_free_name(value)
