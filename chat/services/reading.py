"""Small marks on memberships, many in one transaction: how far somebody has read, until when they are typing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import OuterRef, Subquery, Value
from django.db.models.functions import Least
from django.utils import timezone

from chat.models import Membership, Room

# A reader forgets a typing sign after 6 s; whoever joins meanwhile is told by this mark.
TYPING_SECONDS = 6


@dataclass(frozen=True, slots=True)
class ReadMark:
    user_id: int
    room_id: int
    seq: int


@dataclass(frozen=True, slots=True)
class TypingMark:
    user_id: int
    room_id: int
    is_typing: bool


def marks_save(marks: Sequence[ReadMark | TypingMark]) -> list[bool]:
    """Write the marks; returns for each whether it changed anything. Reading only ever moves forward."""
    with transaction.atomic():
        return [_save(mark) for mark in marks]


def _save(mark: ReadMark | TypingMark) -> bool:
    memberships = Membership.objects.filter(user_id=mark.user_id, room_id=mark.room_id)
    match mark:
        case ReadMark(seq=seq):
            return bool(memberships.filter(read_seq__lt=seq).update(read_seq=_not_beyond_the_last(seq)))
        case TypingMark(is_typing=is_typing):
            until = timezone.now() + timedelta(seconds=TYPING_SECONDS) if is_typing else None
            return bool(memberships.update(typing_until=until))


def _not_beyond_the_last(seq: int) -> Least:
    last = Room.objects.filter(pk=OuterRef("room_id")).values("last_seq")[:1]
    return Least(Value(seq), Subquery(last))
