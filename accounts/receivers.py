"""What Django does to sessions, told to the open sockets."""

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils import timezone

from accounts.signals import mark_access_changed


@receiver(post_delete, sender=Session, dispatch_uid="accounts.session_ended")
def session_ended(*, instance: Session, **_: Any) -> None:
    """A session ends when its row goes, whichever page or command removed it."""
    if instance.expire_date <= timezone.now():
        # Its sockets were closed when it ran out. A clean-up removes thousands of these, in one transaction.
        return
    if user_id := instance.get_decoded().get(SESSION_KEY):
        mark_access_changed([int(user_id)])
