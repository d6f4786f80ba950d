"""Whose name could be taken for another's: kept with each account, so that showing it costs nothing."""

from collections.abc import Iterable
from functools import partial, reduce
from operator import or_

from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts import signals
from accounts.lookalikes import looks
from accounts.validators import is_erased


def looks_of(*, username: str, display_name: str) -> tuple[str, str]:
    """The looks of an account's shown name and of its username; empty for what is left of a deleted account."""
    if is_erased(username):
        return "", ""
    return looks(display_name or username), looks(username)


def names_an_account() -> Q:
    """Display names that are written as if they held a username: "Ada @ada" is how a sentence names somebody whose
    name looks like another's."""
    connection.ensure_connection()
    signs = "@\ufe6b\uff20"
    if connection.vendor == "postgresql" and connection.connection.info.parameter_status("server_encoding") != "UTF8":
        # In LATIN1 and its like no name can hold the wide ones, and asking for them is an error.
        signs = "@"
    return reduce(or_, (Q(display_name__contains=sign) for sign in signs))


def names_compare(changed: Iterable[str]) -> None:
    """Say anew of everybody whose shown name has one of these looks whether another account has it, too, or whether
    it is written as if it held a username.

    Two that change at the same moment do not see each other before they are committed, so this is called after the
    commit once more.
    """
    users = get_user_model().objects.filter(name_look__in=set(changed) - {""})
    others = get_user_model().objects.exclude(pk=OuterRef("pk"))
    taken = Exists(others.filter(Q(name_look=OuterRef("name_look")) | Q(username_look=OuterRef("name_look"))))
    doubtful = Q(taken) | names_an_account()
    for shared, found in (
        (True, users.filter(doubtful, name_shared=False)),
        (False, users.filter(~doubtful, name_shared=True)),
    ):
        if ids := list(found.values_list("pk", flat=True)):
            # Asked again while it is written: another name may have come or gone since.
            found.filter(pk__in=ids).update(name_shared=shared, named_at=timezone.now())
            tell_names_changed(ids)


def tell_names_changed(user_ids: Iterable[int]) -> None:
    """Send `signals.names_changed` after the commit. What is shown of these people has a new `named_at`."""
    if changed := frozenset(user_ids):
        # Robust: the change is committed, a listener's trouble must not look like its failure.
        transaction.on_commit(partial(signals.names_changed.send_robust, sender=None, user_ids=changed))
