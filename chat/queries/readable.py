"""Which rooms a person may read, as a condition of a query."""

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from chat.models import Ban, Membership, Participant, Room


def readable_by(user: Participant) -> Q:
    """Return a condition on a room, as in `chat.rules`: `user` is a member, or it is public and they are not banned."""
    member = Exists(Membership.objects.filter(room=OuterRef("pk"), user=user))
    lasting = Q(until=None) | Q(until__gt=timezone.now())
    banned = Exists(Ban.objects.filter(lasting, room=OuterRef("pk"), user=user))
    return Q(member) | (Q(kind=Room.Kind.PUBLIC) & ~Q(banned))
