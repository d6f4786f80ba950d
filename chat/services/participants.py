"""Erasing a participant: removes the person; the messages stay without the name."""

import re
from collections.abc import Callable

from django.db import transaction
from django.db.models import Q, QuerySet

from chat.models import (
    Attention,
    Block,
    KeptDraft,
    Membership,
    Message,
    Notification,
    Participant,
    Preferences,
    Profile,
    PushSubscription,
    Room,
    SavedMessage,
    ScheduledMessage,
)
from chat.models.validators import ERASED_NAME, ERASED_PREFIX
from chat.queries.message_states import message_states
from chat.services.file_taking import uploads_of_account_end
from chat.services.members import remove_member
from chat.services.publishing import publish, take_rev


@transaction.atomic
def participant_erase(*, user: Participant, close: Callable[[], None] = lambda: None) -> None:
    """Deactivate a participant permanently. Messages stay in their rooms under "Deleted account"; the other person of a
    direct conversation keeps it. Open sockets are closed.

    Args:
        close: closes the login, or raises. Called in this transaction while the rooms are locked.
    """
    user = Participant.objects.get(pk=user.pk)
    old = user.username
    theirs = Q(pk__in=Membership.objects.filter(user=user).values("room"))
    # Includes rooms that the person left before.
    naming = Q(pk__in=_lines_naming(old).values("room"))
    # Rooms before people, each in id order, as posting locks them: no deadlock between the two.
    found = list(Room.objects.filter(theirs | naming).order_by("id").select_for_update(no_key=True))
    user.username, user.display_name = f"{ERASED_PREFIX}{user.pk}", ERASED_NAME
    user.is_active = user.is_staff = False
    user.save()
    close()
    user.api_tokens.all().delete()
    Preferences.objects.filter(user=user).delete()
    Profile.objects.filter(user=user).delete()
    Block.objects.filter(user=user).delete()
    for model in (Attention, PushSubscription, Notification, KeptDraft, ScheduledMessage, SavedMessage):
        model.objects.filter(user=user).delete()
    uploads_of_account_end(user=user)
    memberships = {row.room_id: row for row in Membership.objects.filter(user=user, room__in=found)}
    for room in found:
        _forget_name(room, old, user.username)
        membership = memberships.get(room.pk)
        if membership and not room.is_conversation:
            membership.user = user
            remove_member(room, membership, reason="left", actor=user, text=f"{user.username} left")


def _lines_naming(username: str) -> QuerySet[Message]:
    # Matches the condition of the partial index: in a room with a million messages this reads only such lines.
    lines = Message.objects.filter(system__isnull=False, deleted_at=None)
    return lines.filter(Q(system__username=username) | Q(system__by=username))


def _forget_name(room: Room, old: str, new: str) -> None:
    """Replace the name by `new` in system lines of a locked room that mention the person."""
    changed = list(_lines_naming(old).filter(room=room).order_by("seq"))
    for line in changed:
        # A username can be the same word as an event: "left".
        facts = line.system or {}
        line.system = facts | {fact: new for fact in ("username", "by") if facts.get(fact) == old}
        line.text = re.sub(rf"(?<![\w.-]){re.escape(old)}(?![\w.-])", new, line.text, count=1)
        line.rev = take_rev(room)
        line.save(update_fields=["system", "text", "rev"])
    if changed:
        room.save(update_fields=["last_rev"])
        shown = Message.objects.filter(pk__in=[line.pk for line in changed], seq__gte=room.cleared_before_seq)
        publish([(room, state) for state in message_states(shown.order_by("rev"))])
