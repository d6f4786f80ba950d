"""Receivers of Django's signals about logins and sessions."""

from typing import Any

from django.contrib.auth import SESSION_KEY, get_user_model
from django.contrib.auth.signals import user_logged_out
from django.contrib.sessions.backends.db import SessionStore as DatabaseSession
from django.contrib.sessions.backends.signed_cookies import SessionStore as CookieSession
from django.contrib.sessions.models import Session
from django.db.models.signals import post_delete, post_save, pre_delete
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from chat.identity.participants import follow
from chat.models import Participant
from chat.signals import mark_access_changed

# Saving other fields only, such as `last_login` at each sign-in, cannot change what a participant repeats.
REPEATED = {"is_active", "is_staff", "password"}


@receiver(post_save, sender=get_user_model(), dispatch_uid="chat.login_saved")
def login_saved(*, instance: Any, created: bool, update_fields: frozenset[str] | None, **_: Any) -> None:
    """Update the participant of a saved login."""
    if not created and (update_fields is None or REPEATED & update_fields):
        follow(instance.pk)


@receiver(pre_delete, sender=get_user_model(), dispatch_uid="chat.login_deleted")
def login_deleted(*, instance: Any, **_: Any) -> None:
    """Deactivate the participant of a login being deleted: it stays, because messages reference it."""
    if found := Participant.objects.filter(user_id=instance.pk).first():
        found.is_active = found.is_staff = False
        found.save(update_fields=["is_active", "is_staff"])


@receiver(post_delete, sender=Session, dispatch_uid="chat.session_ended")
def session_ended(*, instance: Session, **_: Any) -> None:
    """End a session's sockets when its row is deleted, by any page or command."""
    if instance.expire_date <= timezone.now():
        # Expired: its sockets are already closed. A clean-up deletes thousands of these in one transaction.
        return
    if key := instance.get_decoded().get(SESSION_KEY):
        pk = get_user_model()._meta.pk
        assert pk
        mark_access_changed(Participant.objects.filter(user_id=pk.to_python(key)).values_list("pk", flat=True))


@receiver(user_logged_out, dispatch_uid="chat.signed_out")
def signed_out(*, request: HttpRequest | None, user: Any, **_: Any) -> None:
    """Check a user's sockets again after they sign out of a session without a row, such as one in a cache. A session in
    a cookie is stored nowhere on the server, and ends only when it expires."""
    session = getattr(request, "session", None)
    if user is None or session is None or isinstance(session, (DatabaseSession, CookieSession)):
        return
    if session.session_key:
        # `logout` does so right after this signal, but the sockets may be checked earlier.
        session.delete(session.session_key)
    mark_access_changed(Participant.objects.filter(user_id=user.pk).values_list("pk", flat=True))
