"""Receivers of Django's signals about sessions."""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone

from accounts.signals import mark_access_changed


@receiver(post_delete, sender=Session, dispatch_uid="accounts.session_ended")
def session_ended(*, instance: Session, **_: Any) -> None:
    """A session ends when its row is deleted, by whatever page or command."""
    if instance.expire_date <= timezone.now():
        # Expired: its sockets are closed already. A clean-up deletes thousands of these in one transaction.
        return
    if user_id := instance.get_decoded().get(SESSION_KEY):
        mark_access_changed([int(user_id)])
