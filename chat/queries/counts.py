"""What is new to a person in a room: messages by others, after their mark, shown, not deleted, no system lines.

Counted from what does not count: of the numbers after the mark those of system lines and deleted messages are taken
away, which a partial index holds. One's own stand after the mark only where it was put back. A room of any length costs
as many index entries as the person has such lines unread; a message that is posted costs nothing.
"""

from typing import Any

from django.db.models import Aggregate, Case, CharField, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from chat.models import Membership, Mention, Message
from chat.protocol.errors import left_meanwhile

# Of more mentions in one room a reader is told how many there are, and which are the newest.
MENTIONED_MAX = 100

_ANYTHING_NEW = Q(read_seq__lt=F("room__last_seq"))
_PUT_BACK = Q(read_seq__lt=F("back_from_seq"))
_NO_LINE = Q(system__isnull=False) | Q(deleted_at__isnull=False)


class _Listed(Aggregate):
    """Numbers as one text, with commas between."""

    output_field = CharField()
    template = "STRING_AGG(%(expressions)s::text, ',')"

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        return self.as_sql(compiler, connection, template="GROUP_CONCAT(%(expressions)s)", **extra)


def with_counts(memberships: QuerySet[Membership]) -> QuerySet[Membership]:
    """Each with `uncounted`, `own` and `mentioned_in` for `unread` and `mentioned`. No further query."""
    # Between two places: else PostgreSQL may take the author for rare and read the whole room.
    own = _new(Message, author=OuterRef("user"), system__isnull=True, deleted_at__isnull=True)
    own = own.filter(seq__lte=OuterRef("back_from_seq"))
    called = _new(Mention, user=OuterRef("user")).exclude(message__author=OuterRef("user"))
    return memberships.annotate(
        uncounted=_number(_new(Message).filter(_NO_LINE)),
        own=_number(own, _PUT_BACK),
        mentioned_in=_if(_ANYTHING_NEW, Subquery(called.values("room").annotate(all=_Listed("seq")).values("all")), ""),
    )


def counted(membership: Membership) -> Membership:
    """The same, read again with its counts where something is new. One query, or none.

    Raises:
        ChatError: `forbidden` when it has ended meanwhile.
    """
    if membership.read_seq >= membership.room.last_seq:
        return membership
    found = with_counts(Membership.objects.select_related("room")).filter(pk=membership.pk).first()
    if found is None:
        raise left_meanwhile()
    return found


def unread(membership: Membership) -> int:
    """Of one from `with_counts`, or that is read to the end."""
    room = membership.room
    new = room.last_seq - max(membership.read_seq, room.cleared_before_seq - 1)
    return max(new - getattr(membership, "uncounted", 0) - getattr(membership, "own", 0), 0)


def mentioned(membership: Membership) -> list[int]:
    """The places of the unread messages that name the person, in order; of the same."""
    found: str = getattr(membership, "mentioned_in", "")
    return sorted(int(seq) for seq in found.split(",") if seq)


def _new(model: type[Message] | type[Mention], **wanted: object) -> QuerySet[Any]:
    there = {"room": OuterRef("room"), "seq__gt": OuterRef("read_seq")}
    shown = {"seq__gte": OuterRef("room__cleared_before_seq")}
    return model._default_manager.filter(**there, **shown, **wanted).order_by()


def _number(rows: QuerySet[Any], when: Q = _ANYTHING_NEW) -> Case:
    return _if(when, Subquery(rows.values("room").annotate(count=Count("id")).values("count")), 0)


def _if(when: Q, found: Subquery, otherwise: int | str) -> Case:
    """Most rooms hold nothing new: nothing is looked up for them."""
    default = Value(otherwise)
    return Case(When(when, then=Coalesce(found, default)), default=default)
