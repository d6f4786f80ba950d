"""The record of moderation: who did what to whom, where and why."""

from typing import Any

from accounts.models import User
from chat.models import AuditEntry


def audit(*, actor: User, action: str, room: str = "", target: str = "", reason: str = "", **detail: Any) -> None:
    """Write one entry, inside the transaction of the act itself: no act without its record, and none for nothing."""
    AuditEntry.objects.create(
        actor=actor.username, action=action, room=room, target=target, reason=reason, detail=detail
    )
