"""The audit log of moderation: actor, target, room, action and reason."""

from typing import Any

from chat.models import AuditEntry, Participant


def audit(
    *, actor: Participant | str, action: str, room: str = "", target: str = "", reason: str = "", **detail: Any
) -> None:
    """Write one entry in the transaction of the action, so that both are committed or neither is. `actor` is a string
    for commands: the name of the operating system's account."""
    AuditEntry.objects.create(
        actor=(actor if isinstance(actor, str) else actor.username)[:32],
        action=action,
        room=room,
        target=target,
        reason=reason,
        detail=detail,
    )
