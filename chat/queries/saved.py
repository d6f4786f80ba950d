"""The messages that a person has saved, as their current permissions allow."""

from collections import defaultdict

from django.db.models import Q

from chat.models import CONVERSATIONS, Message, Participant, Room, SavedMessage
from chat.protocol import events
from chat.queries.directory import group_title
from chat.queries.history import PAGE_BYTES
from chat.queries.message_states import message_states
from chat.queries.readable import readable_by
from chat.queries.rooms import others_in

SAVED_PAGE = 50


def saved_of(
    user: Participant, *, done: bool = False, before: int | None = None, limit: int | None = None
) -> events.SavedMessages:
    """A page of the messages that `user` has saved. At most eight queries."""
    limit = limit or SAVED_PAGE
    rows = SavedMessage.objects.filter(user=user, done_at__isnull=not done).select_related("message__room")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: limit + 1])
    items, size = list[events.SavedItem](), 0
    states, titles = _readable(user, found[:limit])
    for row in found[:limit]:
        item = _item(row, states, titles)
        size += len(item.message.encode().encode()) if item.message else 0
        if items and size > PAGE_BYTES:
            break
        items.append(item)
    more = len(found) > len(items)
    return events.SavedMessages(saved=items, next=items[-1].id if more else None, places=_places(user))


def saved_event(row: SavedMessage, *, on: bool = True) -> events.Saved:
    """The event for the person's other sockets. The message's room must be loaded."""
    return events.Saved(
        room=row.message.room.slug,
        seq=row.message.seq,
        on=on,
        done=row.done_at is not None,
        remind_at=events.stamp(row.remind_at) if row.remind_at else None,
    )


def readable_states(user: Participant, rows: list[SavedMessage]) -> dict[int, events.Message]:
    """The states of the saved messages that the person may read and that still exist, by message id."""
    return _readable(user, rows)[0]


def _readable(user: Participant, rows: list[SavedMessage]) -> tuple[dict[int, events.Message], dict[int, str]]:
    """The states by message id, and the titles of the rooms by room id."""
    if not rows:
        return {}, {}
    rooms = Room.objects.filter(readable_by(user), pk__in={row.message.room_id for row in rows})
    titles = dict(rooms.values_list("pk", "title"))
    conversations = [row.message.room_id for row in rows if row.message.room.kind in CONVERSATIONS]
    others = others_in(user, [pk for pk in dict.fromkeys(conversations) if pk in titles])
    titles |= {pk: group_title(people) for pk, people in others.items()}
    there = [
        row.message
        for row in rows
        if row.message.room_id in titles
        and row.message.deleted_at is None
        and row.message.seq >= row.message.room.cleared_before_seq
    ]
    if not there:
        return {}, titles
    # By id, like the states.
    there.sort(key=lambda message: message.pk)
    states = message_states(Message.objects.filter(pk__in=[one.pk for one in there]).order_by("pk"))
    places = {(state.room, state.seq): state for state in states}
    found = {one.pk: places.get((one.room.slug, one.seq)) for one in there}
    return {pk: state for pk, state in found.items() if state and not state.deleted}, titles


def _item(row: SavedMessage, states: dict[int, events.Message], titles: dict[int, str]) -> events.SavedItem:
    message = row.message
    state: events.SavedState = "here" if message.pk in states else "deleted" if message.room_id in titles else "hidden"
    return events.SavedItem(
        id=row.pk,
        room=message.room.slug,
        seq=message.seq,
        title=titles.get(message.room_id, ""),
        saved_at=events.stamp(row.created_at),
        done=row.done_at is not None,
        remind_at=events.stamp(row.remind_at) if row.remind_at else None,
        reminded_at=events.stamp(row.reminded_at) if row.reminded_at else None,
        state=state,
        message=states.get(message.pk),
    )


def _places(user: Participant) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    rows = SavedMessage.objects.filter(Q(done_at=None), user=user).order_by("pk")
    for slug, seq in rows.values_list("message__room__slug", "message__seq"):
        found[slug].append(seq)
    return found
