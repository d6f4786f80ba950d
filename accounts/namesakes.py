"""Whose name could be taken for another's: kept with each account, so that showing it costs nothing."""

from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q

from accounts.lookalikes import looks
from accounts.validators import is_erased


def looks_of(*, username: str, display_name: str) -> tuple[str, str]:
    """The looks of an account's shown name and of its username; empty for what is left of a deleted account."""
    if is_erased(username):
        return "", ""
    return looks(display_name or username), looks(username)


def names_compare(changed: Iterable[str]) -> None:
    """Say anew of everybody whose shown name has one of these looks whether another account has it, too.

    Two that change at the same moment do not see each other before they are committed, so this is called after the
    commit once more.
    """
    users = get_user_model().objects.filter(name_look__in=set(changed) - {""})
    others = get_user_model().objects.exclude(pk=OuterRef("pk"))
    taken = Exists(others.filter(Q(name_look=OuterRef("name_look")) | Q(username_look=OuterRef("name_look"))))
    users.filter(taken, name_shared=False).update(name_shared=True)
    users.filter(~taken, name_shared=True).update(name_shared=False)
