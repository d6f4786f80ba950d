"""Unread counts: messages by others after the read mark, without deleted messages, system lines and hidden replies.

The count is the difference of two `seq`, less the system lines, deleted messages and thread replies in between, which
a partial index holds. A person's own messages are after their mark only if it was moved back. The cost is one index
entry for each such line in the unread range, and one row for each whole block of the room, whatever the size of the
room; posting a message costs nothing.
"""

from collections.abc import Sequence
from typing import Any

from django.db.models import (
    Aggregate,
    BigIntegerField,
    Case,
    CharField,
    Count,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Greatest

from chat.lib.prepared_queries import PreparedMany, numbers
from chat.models import BLOCK, Membership, Mention, Message, UncountedBlock
from chat.protocol.errors import left_meanwhile

# Only this many unread mentions of a room are listed, the newest ones; all are counted.
MENTIONED_MAX = 100


def _mark(ref: type[F]) -> Any:
    """The `seq` up to which the person has read, or up to which a clearing hides the room."""
    return Greatest(ref("read_seq"), ref("room__cleared_before_seq") - 1, output_field=BigIntegerField())


def _block_after(mark: Any) -> Any:
    """The number of the first block that lies wholly after the mark."""
    return (mark + (BLOCK - 1)) / BLOCK


_ANYTHING_NEW = Q(read_seq__lt=F("room__last_seq"))
_BLOCKS_AFTER = Q(room__counted_blocks__gt=_block_after(_mark(F)))
_PUT_BACK = Q(read_seq__lt=F("back_from_seq"))
NOT_COUNTED = Q(system__isnull=False) | Q(deleted_at__isnull=False) | Q(in_room=False)


class _Listed(Aggregate):
    """Aggregate: joins the numbers to one text, separated by commas."""

    output_field = CharField()
    template = "STRING_AGG(%(expressions)s::text, ',')"

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="GROUP_CONCAT(%(expressions)s)", **extra)


def with_counts(memberships: QuerySet[Membership]) -> QuerySet[Membership]:
    """Annotate memberships with `uncounted`, `own` and `mentioned_in`, for `unread` and `mentioned`. No extra query."""
    # A range bounded on both sides: otherwise PostgreSQL may assume few messages of this author and scan the room.
    own = _new(Message, author=OuterRef("user"), system__isnull=True, deleted_at__isnull=True, in_room=True)
    own = own.filter(seq__lte=OuterRef("back_from_seq"))
    called = _new(Mention, user=OuterRef("user"), message__in_room=True).exclude(message__author=OuterRef("user"))
    return memberships.annotate(
        uncounted=Case(
            When(_ANYTHING_NEW & _BLOCKS_AFTER, then=_by_blocks()),
            default=_number(_new(Message).filter(NOT_COUNTED)),
        ),
        own=_number(own, _PUT_BACK),
        mentioned_in=_if(_ANYTHING_NEW, Subquery(called.values("room").annotate(all=_Listed("seq")).values("all")), ""),
    )


def counted(membership: Membership) -> Membership:
    """Read the membership again with its counts, if there are unread messages. One query, or none.

    Raises:
        ChatError: `forbidden` when the membership has ended meanwhile.
    """
    [found] = counted_all([membership])
    if found is None:
        raise left_meanwhile()
    return found


def counted_all(memberships: Sequence[Membership]) -> list[Membership | None]:
    """Return `counted` of each membership, None for one that has ended meanwhile. One query per 64, or none."""
    behind = [one.pk for one in memberships if one.read_seq < one.room.last_seq]
    found = {one.pk: one for one in _COUNTED.all(behind)}
    return [found.get(one.pk) if one.read_seq < one.room.last_seq else one for one in memberships]


def unread(membership: Membership) -> int:
    """Return the number of unread messages of a membership from `with_counts`, or of one that is read to the end."""
    room = membership.room
    new = room.last_seq - max(membership.read_seq, room.cleared_before_seq - 1)
    return max(new - getattr(membership, "uncounted", 0) - getattr(membership, "own", 0), 0)


def mentioned(membership: Membership) -> list[int]:
    """Return the `seq` of the unread messages that mention the person, in order. Takes what `unread` takes."""
    found: str = getattr(membership, "mentioned_in", "")
    return sorted(int(seq) for seq in found.split(",") if seq)


def _new(model: type[Message] | type[Mention], **wanted: object) -> QuerySet[Any]:
    there = {"room": OuterRef("room"), "seq__gt": OuterRef("read_seq")}
    shown = {"seq__gte": OuterRef("room__cleared_before_seq")}
    return model._default_manager.filter(**there, **shown, **wanted).order_by()


def _by_blocks() -> Any:
    """The number of messages that do not count: before the first whole block after the mark, in the counted blocks,
    and after them."""
    mark = _mark(OuterRef)
    first = _block_after(mark)
    there = Message.objects.filter(NOT_COUNTED, room=OuterRef("room")).order_by()
    # One bound on each side: see `_shown` in history.py.
    before = there.filter(seq__gt=mark, seq__lte=first * BLOCK)
    after = there.filter(seq__gt=OuterRef("room__counted_blocks") * BLOCK)
    blocks = UncountedBlock.objects.filter(room=OuterRef("room"), number__gte=first).order_by()
    between = blocks.values("room").annotate(count=Sum("uncounted")).values("count")
    return _count(before) + Coalesce(Subquery(between), 0) + _count(after)


def _count(rows: QuerySet[Any]) -> Coalesce:
    return Coalesce(Subquery(rows.values("room").annotate(count=Count("id")).values("count")), 0)


def _number(rows: QuerySet[Any], when: Q = _ANYTHING_NEW) -> Case:
    return _if(when, Subquery(rows.values("room").annotate(count=Count("id")).values("count")), 0)


def _if(when: Q, found: Subquery, otherwise: int | str) -> Case:
    """Evaluate the expression only for rooms with unread messages: most rooms have none."""
    default = Value(otherwise)
    return Case(When(when, then=Coalesce(found, default)), default=default)


_COUNTED = PreparedMany(lambda pks: with_counts(Membership.objects.select_related("room")).filter(pk__in=pks), numbers)
