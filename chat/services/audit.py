"""The audit record of moderation: actor, target, room, act and reason."""

from typing import Any

from chat.models import AuditEntry, Participant


def audit(
    *, actor: Participant | str, action: str, room: str = "", target: str = "", reason: str = "", **detail: Any
) -> None:
    """Write one entry, inside the transaction of the act: both are committed or neither is. `actor` is a text where a
    command acts: the name of the account on the machine."""
    AuditEntry.objects.create(
        actor=(actor if isinstance(actor, str) else actor.username)[:32],
        action=action,
        room=room,
        target=target,
        reason=reason,
        detail=detail,
    )
