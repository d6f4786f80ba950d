"""Signing in with a name and a password: the only place that checks passwords."""

from django.contrib.auth import authenticate
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chat.identity import throttle
from chat.identity.opaque import opaque, spellings

# The name may be an e-mail address.
NAME_MAX = 254


class TooManyAttempts(Exception):
    """Raised when too many passwords were tried for this name or from this address; `retry_after` in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(_("Too many attempts. Try again in %(wait)s.") % {"wait": in_words(retry_after)})
        self.retry_after = retry_after


def check_password(
    *, username: str, password: str, address: str | None, device: str | None = None, signing_in: bool = False
) -> AbstractBaseUser | None:
    """Return the active account with this name and password, or None, which does not reveal which of the two was wrong.

    `device`: the id of a known device, for its own attempt counter. `signing_in`: rehash a password that was hashed in
    another spelling than `opaque`. Rehashing ends the user's other sessions, so a page that only asks for the password
    does not do it.

    Raises:
        TooManyAttempts: the password was not checked.
    """
    if retry_after := throttle.check("sign_in", person=username, address=address, device=device):
        raise TooManyAttempts(retry_after)
    username = username.strip()
    if not (_searchable(username) and _hashable(password)):
        return None
    # Each spelling is hashed for unknown names too: the duration must not reveal whether a name exists.
    for spelling in spellings(password):
        user = authenticate(None, username=username, password=spelling)
        if user is not None:
            throttle.forgive("sign_in", person=username, address=address, device=device)
            if signing_in and spelling != opaque(password):
                user.set_password(password)
                user.save(update_fields=["password"])
            return user
    return None


def _searchable(username: str) -> bool:
    """Return whether databases accept the name: they raise errors for some texts."""
    return 0 < len(username) <= NAME_MAX and "\0" not in username and _hashable(username)


def _hashable(password: str) -> bool:
    """Return whether the password can be encoded and hashed: lone surrogates cannot."""
    return not any("\ud800" <= char <= "\udfff" for char in password)


def has_password(login: object) -> bool:
    """Return whether the account has a password; an account of a single sign-on has none to ask for."""
    return bool(getattr(login, "has_usable_password", lambda: False)())


def in_words(seconds: int) -> str:
    """Return a duration in words, rounded up."""
    if seconds < 60:
        return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds}
    minutes = -(-seconds // 60)
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
