"""Signing in with a name and a password: the one place where passwords are tried."""

from django.contrib.auth import authenticate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import throttle
from accounts.models import User
from accounts.opaque import opaque, spellings
from accounts.validators import is_username


class TooManyAttempts(Exception):
    """Raised when too many passwords were tried for this name or from this address: wait `retry_after` seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(_("Too many attempts. Try again in %(wait)s.") % {"wait": in_words(retry_after)})
        self.retry_after = retry_after


def check_password(
    *, username: str, password: str, address: str | None, device: str | None = None, signing_in: bool = False
) -> User | None:
    """The active account with this name and password, or None, which never tells which of the two was wrong.

    `device`: by what `accounts.known_devices` knows the one it comes from.
    `signing_in`: what was hashed in another spelling than `opaque` is hashed anew. That ends the person's other
    sessions, so a page that only asks again leaves it.

    Raises:
        TooManyAttempts: nothing was tried.
    """
    if retry_after := throttle.check("sign_in", person=username, address=address, device=device):
        raise TooManyAttempts(retry_after)
    username = username.strip()
    if not (is_username(username) and _hashable(password)):
        return None
    # Each spelling also for a name that is not there: the time it takes must not tell.
    for spelling in spellings(password):
        user = authenticate(None, username=username, password=spelling)
        if isinstance(user, User):
            throttle.forgive("sign_in", person=username, address=address, device=device)
            if signing_in and spelling != opaque(password):
                user.set_password(password)
                user.save(update_fields=["password"])
            return user
    return None


def _hashable(password: str) -> bool:
    """Lone surrogates have no bytes to hash."""
    return not any("\ud800" <= char <= "\udfff" for char in password)


def in_words(seconds: int) -> str:
    if seconds < 60:
        return ngettext("%(n)s second", "%(n)s seconds", seconds) % {"n": seconds}
    minutes = -(-seconds // 60)
    return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
