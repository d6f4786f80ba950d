"""The records of a room for its moderators: bans, and what was done."""

from django.db.models import Q
from django.utils import timezone

from chat.models import AuditEntry, Ban, Room
from chat.protocol import events

RECORDS_PAGE = 50


def room_bans(room: Room, *, before: int | None = None) -> events.Bans:
    """The bans in effect, the newest first. One query."""
    rows = Ban.objects.filter(Q(until=None) | Q(until__gt=timezone.now()), room=room).select_related("user")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: RECORDS_PAGE + 1])
    return events.Bans(
        room=room.slug,
        bans=[
            events.BanEntry(
                id=ban.pk,
                username=ban.user.username,
                display_name=ban.user.shown_name,
                show_username=ban.user.name_shared,
                by=ban.by,
                at=events.stamp(ban.created_at),
                until=events.stamp(ban.until) if ban.until else None,
                reason=ban.reason,
            )
            for ban in found[:RECORDS_PAGE]
        ],
        has_older=len(found) > RECORDS_PAGE,
    )


def room_audit(room: Room, *, before: int | None = None) -> events.Audit:
    """What moderators did in the room, the newest first. One query."""
    rows = AuditEntry.objects.filter(room=room.slug).exclude(room="")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: RECORDS_PAGE + 1])
    return events.Audit(
        room=room.slug,
        entries=[
            events.AuditItem(
                id=entry.pk,
                at=events.stamp(entry.at),
                by=entry.actor,
                action=entry.action,
                username=entry.target,
                reason=entry.reason,
                detail=entry.detail,
            )
            for entry in found[:RECORDS_PAGE]
        ],
        has_older=len(found) > RECORDS_PAGE,
    )
