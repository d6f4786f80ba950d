"""The audit record of moderation: actor, target, room, act and reason."""

from typing import Any

from chat.models import AuditEntry, Participant


def audit(
    *, actor: Participant, action: str, room: str = "", target: str = "", reason: str = "", **detail: Any
) -> None:
    """Write one entry, inside the transaction of the act: both are committed or neither is."""
    AuditEntry.objects.create(
        actor=actor.username, action=action, room=room, target=target, reason=reason, detail=detail
    )
