"""The records of a room for its moderators: bans, the audit log, and reports."""

from typing import TypeVar

from django.db.models import Model, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from chat.models import CONVERSATIONS, AuditEntry, Ban, Report, Room
from chat.protocol import events

RECORDS_PAGE = 50
Row = TypeVar("Row", bound=Model)


def room_bans(room: Room, *, before: int | None = None) -> events.Bans:
    """The bans in effect, the newest first. One query."""
    rows = Ban.objects.filter(Q(until=None) | Q(until__gt=timezone.now()), room=room).select_related("user")
    found, has_older = _page(rows, before)
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
            for ban in found
        ],
        has_older=has_older,
    )


def room_audit(room: Room, *, before: int | None = None) -> events.Audit:
    """What moderators did in the room, the newest first. One query.

    Without the entries of a deleted room that had the same slug: it had other members."""
    named = AuditEntry.objects.filter(room=room.slug).exclude(room="")
    ended = named.filter(action=AuditEntry.Action.ROOM, target=room.slug, detail__facts__deleted=True).order_by("-id")
    rows = named.filter(id__gt=Coalesce(Subquery(ended.values("id")[:1]), 0))
    found, has_older = _page(rows, before)
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
            for entry in found
        ],
        has_older=has_older,
    )


def room_reports(room: Room, *, before: int | None = None, closed: bool = False) -> events.Reports:
    """The open reports of a room, or those that were handled, the newest first. One query."""
    return _reports(Report.objects.filter(room=room), room.slug, before, closed=closed)


def conversation_reports(*, before: int | None = None, closed: bool = False) -> events.Reports:
    """The reports of all direct and group conversations, for the administrators. One query."""
    return _reports(Report.objects.filter(room__kind__in=CONVERSATIONS), "", before, closed=closed)


def open_reports(room: Room) -> int:
    """The number of open reports. One query."""
    return Report.objects.filter(room=room, outcome="").count()


def _reports(rows: QuerySet[Report], room: str, before: int | None, *, closed: bool) -> events.Reports:
    rows = rows.exclude(outcome="") if closed else rows.filter(outcome="")
    found, has_older = _page(rows.select_related("reporter", "room"), before)
    return events.Reports(room=room, reports=[report_item(report) for report in found], has_older=has_older)


def _page(rows: QuerySet[Row], before: int | None) -> tuple[list[Row], bool]:
    """The newest of the rows below `before`, and whether there are older ones."""
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: RECORDS_PAGE + 1])
    return found[:RECORDS_PAGE], len(found) > RECORDS_PAGE


def report_item(report: Report) -> events.ReportItem:
    """The report as it is sent; its reporter and its room must be loaded."""
    return events.ReportItem(
        id=report.pk,
        room=report.room.slug,
        seq=report.seq,
        at=events.stamp(report.created_at),
        by=report.reporter.username,
        author=report.author,
        message=report.text,
        reason=report.reason,
        context=report.context,
        outcome=report.outcome,
        handled_by=report.handled_by,
        handled_at=events.stamp(report.handled_at) if report.handled_at else None,
    )
