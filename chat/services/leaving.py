"""Deleting an account: the person goes, what they wrote stays without their name."""

import re

from django.db import transaction

from accounts import services as accounts
from accounts.models import User
from chat.models import Membership, Message, Room
from chat.protocol.errors import ChatError, Code
from chat.queries.states import message_state
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
    accounts.account_erase(user=user)
    # In id order, as posting locks them.
    memberships = Membership.objects.filter(user=user).select_related("user").order_by("room_id")
    for membership in memberships:
        room = Room.objects.select_for_update().get(pk=membership.room_id)
        _forget_name(room, old, user.username)
        if room.kind != Room.Kind.DIRECT:
            membership.user = user
            remove_member(room, membership, reason="left", actor=user, text=f"{user.username} left")


def _forget_name(room: Room, old: str, new: str) -> None:
    """Let the lines of a locked room that say who came, went or changed something name `new`."""
    lines = Message.objects.filter(room=room, kind=Message.Kind.SYSTEM, deleted_at=None)
    named = lines.filter(system__username=old) | lines.filter(system__by=old)
    changed = []
    for line in named.order_by("seq"):
        line.system = {fact: new if value == old else value for fact, value in (line.system or {}).items()}
        line.text = re.sub(rf"(?<![\w.-]){re.escape(old)}(?![\w.-])", new, line.text, count=1)
        line.rev = take_rev(room)
        line.save(update_fields=["system", "text", "rev"])
        changed.append(line)
    if changed:
        room.save(update_fields=["last_rev"])
        shown = [line for line in changed if line.seq >= room.cleared_before_seq]
        publish([(room, message_state(line)) for line in shown])
