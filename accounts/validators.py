"""What names may look like."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.lookalikes import looks
from accounts.oneline import is_one_line, is_visible

# Also what an @mention can name: it must end where a sentence goes on, so no dot or hyphen at the end.
USERNAME_PATTERN = r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,30}[A-Za-z0-9_])?"
# Said beside the field before, and as the error after.
USERNAME_RULE = gettext_lazy(
    "Use 1 to 32 letters (a to z), digits, dots, hyphens or underscores, with no dot or hyphen at the start or the end."
)
# @room and @here name everybody in the protocol, and people who come from other chats write the others for it.
RESERVED_USERNAMES = {"room", "here", "all", "everyone", "channel"}
# What is left of an account that was deleted; nobody else can have such a name, in any language of the pages.
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
    """Can somebody be called that? Ask before looking for them: databases choke on some texts."""
    return re.fullmatch(USERNAME_PATTERN, value) is not None


def is_erased(username: str) -> bool:
    """Is this what is left of an account that was deleted?"""
    return username.lower().startswith(ERASED_PREFIX)


def is_reserved_name(name: str) -> bool:
    look = looks(name)
    return look in _RESERVED_LOOKS or _ERASED_LOOK.fullmatch(look) is not None


def validate_username(value: str) -> None:
    if not is_username(value):
        raise ValidationError(USERNAME_RULE)
    # Without the marks around it: `_@room_` may mean either. Not by its looks, which make `Ali` the same as `all`.
    if value.lower().strip("_") in RESERVED_USERNAMES or is_reserved_name(value):
        raise ValidationError(_("That username is reserved."))


def validate_line(value: str) -> None:
    """One line of visible text, or nothing: see `accounts.oneline`."""
    if value and not is_one_line(value):
        raise ValidationError(_("Use only letters, digits, punctuation, symbols and spaces."))
    if value and not is_visible(value):
        raise ValidationError(_("Use at least one character that can be seen."))


def validate_free_name(value: str) -> None:
    """No name by which the product itself speaks of somebody."""
    if is_reserved_name(value):
        raise ValidationError(_("That name is reserved."))


def validate_display_name(value: str) -> None:
    validate_line(value)
    validate_free_name(value)
