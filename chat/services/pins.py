"""Pinning messages to a room: the message stores who pinned it and when, the room stores the ordered list."""

from django.db import transaction
from django.utils import timezone

from chat.access import Access, access_message, access_room
from chat.models import AuditEntry, Message, Participant, Room
from chat.protocol import events
from chat.protocol.errors import ChatError, Code, not_found
from chat.queries.message_states import message_states
from chat.queries.pins import pinned_messages
from chat.rules import Action
from chat.services.audit import audit
from chat.services.messages import Changed
from chat.services.pin_lists import pins_set
from chat.services.posting import system_line
from chat.services.publishing import publish, take_rev

# People do not read a longer list. The error message contains this number, too.
PINS_MAX = 100


def pins_of(*, user: Participant, room: str) -> events.Pins:
    """The pins of a room, for people who may read the room.

    Raises:
        ChatError: as `access_room`.
    """
    found = access_room(user=user, slug=room).room
    return events.Pins(room=found.slug, messages=pinned_messages(found))


@transaction.atomic
def message_pin(*, user: Participant, room: str, seq: int, on: bool) -> Changed:
    """Pin a message at the top of the list, or unpin it. A system line reports a new pin.

    Raises:
        ChatError: `not_found` (also deleted, cleared, a system line), `forbidden`, `muted`, `conflict` with PINS_MAX.
    """
    access, message = _open(user, room, seq)
    found = access.room
    if on == (message.pinned_at is not None):
        return _changed(message)
    if on and len(found.pins) >= PINS_MAX:
        raise ChatError(Code.CONFLICT, "This room has 100 pins. Unpin one first.")
    now = timezone.now()
    message.pinned_at = now if on else None
    # `user` may have an outdated name, from when its socket was opened.
    message.pinned_by = Participant.objects.get(pk=user.pk) if on else None
    message.rev = take_rev(found)
    message.save(update_fields=["pinned_at", "pinned_by", "rev"])
    [state] = message_states(Message.objects.filter(pk=message.pk))
    changed: list[tuple[Room, events.Durable]] = [(found, state)]
    if on:
        text = f"{user.username} pinned a message"
        facts = {"username": user.username, "seq": seq}
        changed.append((found, system_line(found, user, text, now=now, event="pinned", **facts)))
        found.save(update_fields=["last_seq", "last_rev"])
    pins = [one for one in found.pins if one != seq]
    publish([*changed, *pins_set(found, [seq, *pins] if on else pins)])
    if not found.is_conversation:
        act = AuditEntry.Action.PIN_MESSAGE if on else AuditEntry.Action.UNPIN_MESSAGE
        audit(actor=user, action=act, room=found.slug, target=message.author.username, seq=seq)
    return _changed(message, state)


@transaction.atomic
def pin_move(*, user: Participant, room: str, seq: int, below: int | None = None) -> int:
    """Move a pin directly below another one, or to the top; returns the `rev` of the room's facts.

    Raises:
        ChatError: as `message_pin`; `not_found` also when one of the two is not pinned.
    """
    access, _ = _open(user, room, seq)
    pins = access.room.pins
    if seq not in pins or (below is not None and below not in pins):
        raise ChatError(Code.NOT_FOUND, "That message is not pinned any more.")
    order = [one for one in pins if one != seq]
    if below != seq:
        order.insert(order.index(below) + 1 if below is not None else 0, seq)
        if order != pins:
            publish(pins_set(access.room, order))
    return access.room.facts_rev


def _open(user: Participant, room: str, seq: int) -> tuple[Access, Message]:
    access = access_room(user=user, slug=room, lock=True)
    message = access_message(access=access, seq=seq, action=Action.PIN)
    if message.deleted_at or message.kind == Message.Kind.SYSTEM:
        raise not_found("message")
    message.room = access.room
    return access, message


def _changed(message: Message, state: events.Message | None = None) -> Changed:
    at = message.pinned_at or message.edited_at or message.created_at
    return Changed(message.room.slug, message.seq, message.rev, at, state)
