"""Facts that are stored twice so that a query reads one table: marks, mentions, file counts."""

from collections.abc import Callable, Iterator

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Least

from chat.models import (
    CONVERSATIONS,
    File,
    Membership,
    Mention,
    Message,
    MessageVersion,
    Reaction,
    Room,
    UncountedBlock,
)
from chat.services.data_checks.finding import Finding
from chat.services.uncounted import block_counted

_MARKS = ("read_seq", "back_from_seq", "hidden_seq")


def check_marks(rooms: QuerySet[Room], *, repair: bool) -> Iterator[Finding]:
    """Find members' marks above the last message: new messages would count as read. Repair lowers them to it."""
    above = Q()
    for mark in _MARKS:
        above |= Q(**{f"{mark}__gt": F("room__last_seq")})
    for member in Membership.objects.filter(above, room__in=rooms).select_related("room", "user").iterator():
        last = member.room.last_seq
        high = [mark for mark in _MARKS if (getattr(member, mark) or 0) > last]
        if repair:
            newest = Subquery(Room.objects.filter(pk=OuterRef("room")).values("last_seq")[:1])
            Membership.objects.filter(pk=member.pk).update(**{mark: Least(F(mark), newest) for mark in high})
        values = ", ".join(f"{mark} {getattr(member, mark)}" for mark in high)
        text = f"@{member.user.username} has {values}, and the last message is {last}."
        yield Finding("marks", member.room.slug, text, repaired=repair)


def check_mentions(rooms: QuerySet[Room], *, repair: bool) -> Iterator[Finding]:
    """Find mentions whose room or `seq` differs from their message's, or whose message is deleted: they count as
    unread. Repair corrects the former and removes the latter."""
    mentions = Mention.objects.filter(message__room__in=rooms)
    moved = mentions.exclude(room=F("message__room"), seq=F("message__seq"))
    for mention in moved.select_related("message__room").iterator():
        message = mention.message
        if repair:
            Mention.objects.filter(pk=mention.pk).update(room=message.room_id, seq=message.seq)
        text = f"A mention of it is stored as of message {mention.seq} of room {mention.room_id}."
        yield Finding("mentions", f"{message.room.slug}:{message.seq}", text, repaired=repair)
    gone = mentions.filter(message__deleted_at__isnull=False)
    yield from _left_over("mentions", gone, "mentions", repair)


def check_reactions(rooms: QuerySet[Room], *, repair: bool) -> Iterator[Finding]:
    """Find reactions to deleted messages. Repair removes them."""
    gone = Reaction.objects.filter(message__room__in=rooms, message__deleted_at__isnull=False)
    yield from _left_over("reactions", gone, "reactions", repair)


def check_versions(rooms: QuerySet[Room], *, repair: bool) -> Iterator[Finding]:
    """Find earlier texts of deleted messages. Repair removes them."""
    gone = MessageVersion.objects.filter(message__room__in=rooms, message__deleted_at__isnull=False)
    yield from _left_over("versions", gone, "earlier texts", repair)


def _left_over(
    check: str,
    rows: QuerySet[Mention] | QuerySet[Reaction] | QuerySet[MessageVersion],
    what: str,
    repair: bool,
) -> Iterator[Finding]:
    by_message = rows.order_by().values("message", "message__room__slug", "message__seq").annotate(number=Count("pk"))
    for row in list(by_message.order_by("message")):
        if repair:
            rows.filter(message=row["message"]).delete()
        place = f"{row['message__room__slug']}:{row['message__seq']}"
        yield Finding(check, place, f"It is deleted and has {row['number']} {what}.", repaired=repair)


def check_file_counts(rooms: QuerySet[Room], *, repair: bool) -> Iterator[Finding]:
    """Find messages with a wrong `file_count`: their files would not be shown. Repair counts again."""
    per_message = File.objects.stored().filter(message=OuterRef("pk")).order_by().values("message")
    counted = Coalesce(Subquery(per_message.annotate(n=Count("pk")).values("n")), 0)
    carriers = Message.objects.filter(
        Q(file_count__gt=0) | Q(pk__in=File.objects.stored().values("message")), room__in=rooms
    )
    wrong = carriers.annotate(has=counted).exclude(file_count=F("has")).select_related("room")
    for message in wrong.iterator():
        if repair:
            Message.objects.filter(pk=message.pk).update(file_count=counted)
        text = f"file_count is {message.file_count}, and it has {message.has} files."
        yield Finding("file counts", f"{message.room.slug}:{message.seq}", text, repaired=repair)


def check_owners(rooms: QuerySet[Room], *, repair: bool) -> Iterator[Finding]:
    """Find rooms with members but no owner: no member can change their settings. Not repaired, because a person must
    decide who owns a room."""
    del repair
    members = Count("memberships")
    owners = Count("memberships", filter=Q(memberships__role=Membership.Role.OWNER))
    ownerless = rooms.exclude(kind__in=CONVERSATIONS).annotate(members=members, owners=owners)
    for room in ownerless.filter(members__gt=0, owners=0).iterator():
        text = f"It has {room.members} members and no owner. Make one of them the owner at /admin/."
        yield Finding("owners", room.slug, text, repairable=False)


def check_blocks(rooms: QuerySet[Room], *, repair: bool) -> Iterator[Finding]:
    """Find wrong counts in a room's blocks of messages that do not count as unread: unread counts would be wrong too.
    Repair counts again."""
    blocks = UncountedBlock.objects.filter(room__in=rooms).order_by("room", "number")
    for slug, room_id, number in blocks.values_list("room__slug", "room", "number").iterator():
        counts = block_counted(room_id, number, repair=repair)
        if counts and counts[0] != counts[1]:
            said, has = counts
            text = f"Block {number} has {has} messages that do not count as unread, and {said} are noted."
            yield Finding("blocks", slug, text, repaired=repair)


CHECKS: tuple[Callable[..., Iterator[Finding]], ...] = (
    check_marks,
    check_mentions,
    check_reactions,
    check_versions,
    check_file_counts,
    check_owners,
    check_blocks,
)
