"""Reports of messages to the people who moderate the room."""

from django.db import transaction
from django.utils import timezone

from chat.access import access_message, access_room
from chat.models import CONVERSATIONS, AuditEntry, Membership, Message, Participant, Report, Room
from chat.protocol import events
from chat.protocol.errors import ChatError, Code, not_found
from chat.queries.records import open_reports
from chat.rules import Action, staff_refusal
from chat.services.audit import audit
from chat.services.publishing import tell_person

# Messages copied before and after a reported one of a conversation, for administrators, who cannot read it.
AROUND = 5


@transaction.atomic
def message_report(*, user: Participant, room: str, seq: int, reason: str) -> Report:
    """Report another person's message, with a copy of it: in a room to its moderators, in a conversation to the
    administrators.

    Raises:
        ChatError: `not_found` (also deleted, system lines), `forbidden` (one's own), `conflict` (reported already).
    """
    access = access_room(user=user, slug=room, action=Action.REPORT, lock=True)
    message = access_message(access=access, seq=seq, action=Action.READ)
    if message.deleted_at or message.kind == Message.Kind.SYSTEM:
        raise not_found("message")
    if message.author_id == user.pk:
        raise ChatError(Code.FORBIDDEN, "You cannot report your own message.")
    if Report.objects.filter(reporter=user, room=access.room, seq=seq).exists():
        raise ChatError(Code.CONFLICT, "You have reported this already.", fields={"seq": "is reported"})
    report = Report.objects.create(
        room=access.room,
        seq=seq,
        reporter=user,
        author=message.author.username,
        text=message.text,
        reason=reason,
        context=_around(access.room, seq) if access.room.is_conversation else [],
    )
    _tell_moderators(access.room)
    return report


@transaction.atomic
def report_close(*, user: Participant, report_id: int, outcome: str, room: str = "") -> Report:
    """Close an open report, and all others of the same message. `room`: the room that the report must belong to.

    Raises:
        ChatError: `not_found`, `forbidden`, `invalid`, `conflict` (another moderator was first).
    """
    if outcome not in Report.Outcome.values:
        raise ChatError(Code.INVALID, "That is not a valid choice.", fields={"outcome": "is not known"})
    report = Report.objects.select_related("room").filter(pk=report_id).first()
    if report is None or (room and report.room.slug != room):
        raise not_found("report")
    if report.room.kind in CONVERSATIONS:
        if not user.is_staff:
            raise not_found("report")
        check_administrator(user)
        found = Room.objects.select_for_update(no_key=True).get(pk=report.room_id)
    else:
        found = _room_of(report, user)
    report.refresh_from_db(fields=["outcome", "handled_by"])
    if report.outcome:
        raise ChatError(Code.CONFLICT, f"{report.handled_by} has handled this.", fields={"outcome": "is given"})
    now = timezone.now()
    same = Report.objects.filter(room=found, seq=report.seq, outcome="")
    same.update(outcome=outcome, handled_by=user.username, handled_at=now)
    audit(
        actor=user,
        action=AuditEntry.Action.REPORT,
        room=found.slug,
        target=report.author,
        reason=report.reason,
        seq=report.seq,
        outcome=outcome,
    )
    _tell_moderators(found)
    report.refresh_from_db()
    return report


def check_administrator(user: Participant) -> None:
    """Check that the person may handle reports of conversations.

    Raises:
        ChatError: `forbidden`.
    """
    problem = staff_refusal("Only administrators may do that.", staff=user.is_staff, may_moderate=user.may_moderate)
    if problem:
        raise problem


def _room_of(report: Report, user: Participant) -> Room:
    """The room of the report, locked. Raises `not_found` for the report if the person cannot see the room."""
    try:
        return access_room(user=user, slug=report.room.slug, action=Action.REPORTS, lock=True).room
    except ChatError as error:
        raise not_found("report") if error.code == Code.NOT_FOUND else error from None


def _around(room: Room, seq: int) -> list[dict[str, str]]:
    near = Message.objects.filter(room=room, deleted_at=None, seq__gte=max(room.cleared_before_seq, seq - AROUND))
    rows = near.filter(seq__lte=seq + AROUND).order_by("seq").select_related("author")
    return [
        {"username": row.author.username, "message": row.text[:500], "timestamp": events.stamp(row.created_at)}
        for row in rows
    ]


def _tell_moderators(room: Room) -> None:
    if room.is_conversation:
        people = Participant.objects.filter(is_staff=True, is_active=True)
        watching = list(people.values_list("pk", flat=True))
    else:
        roles = [Membership.Role.MODERATOR, Membership.Role.OWNER]
        watching = list(room.memberships.filter(role__in=roles, user__is_active=True).values_list("user_id", flat=True))
    event = events.ReportsOpen(room=room.slug, open=open_reports(room))
    for user_id in watching:
        tell_person(user_id, event)
