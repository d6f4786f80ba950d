"""Deleting an account: the person goes, what they wrote stays without their name."""

import re

from django.db import transaction

from accounts import services as accounts
from accounts.models import User
from chat.models import Membership, Message, Room
from chat.protocol.errors import ChatError, Code
from chat.queries.states import message_states
from chat.services.changes import publish, take_rev
from chat.services.members import remove_member


@transaction.atomic
def account_delete(*, user: User) -> None:
    """Close the account for good. Messages stay in their rooms under "Deleted account"; the conversations with one
    other person stay with that person. Open sockets are closed.

    Raises:
        ChatError: `forbidden` for the last administrator.
    """
    if accounts.is_last_administrator(user):
        raise ChatError(Code.FORBIDDEN, "You are the only administrator. Make somebody else one first.")
    old = user.username
    # Rooms before people, in id order, as posting locks them: neither waits for the other in a ring.
    rooms = Room.objects.filter(memberships__user=user).order_by("id").select_for_update(of=("self",), no_key=True)
    found = list(rooms)
    accounts.account_erase(user=user)
    memberships = {row.room_id: row for row in Membership.objects.filter(user=user, room__in=found)}
    for room in found:
        _forget_name(room, old, user.username)
        membership = memberships.get(room.pk)
        if membership and room.kind != Room.Kind.DIRECT:
            membership.user = user
            remove_member(room, membership, reason="left", actor=user, text=f"{user.username} left")


def _forget_name(room: Room, old: str, new: str) -> None:
    """Let the lines of a locked room that say who came, went or changed something name `new`."""
    lines = Message.objects.filter(room=room, kind=Message.Kind.SYSTEM, deleted_at=None)
    named = lines.filter(system__username=old) | lines.filter(system__by=old)
    changed = list(named.order_by("seq"))
    for line in changed:
        # Somebody may be called like what happened: "left".
        facts = line.system or {}
        line.system = facts | {fact: new for fact in ("username", "by") if facts.get(fact) == old}
        line.text = re.sub(rf"(?<![\w.-]){re.escape(old)}(?![\w.-])", new, line.text, count=1)
        line.rev = take_rev(room)
        line.save(update_fields=["system", "text", "rev"])
    if changed:
        room.save(update_fields=["last_rev"])
        shown = Message.objects.filter(pk__in=[line.pk for line in changed], seq__gte=room.cleared_before_seq)
        publish([(room, state) for state in message_states(shown.order_by("rev"))])
