"""The scheduled messages of a person."""

from collections.abc import Collection

from chat.models import File, Participant, ScheduledMessage
from chat.protocol import events
from chat.queries.files import facts_of


def scheduled_of(user: Participant) -> events.Schedules:
    """All scheduled messages of the person, the next one first. Two queries."""
    rows = list(ScheduledMessage.objects.filter(user=user).select_related("room").order_by("due_at", "id"))
    files = _files(user.pk, {key for row in rows for key in row.files})
    return events.Schedules(schedules=[_item(row, files) for row in rows])


def scheduled_event(row: ScheduledMessage, *, state: str = "", seq: int | None = None) -> events.Scheduled:
    """The event about a scheduled message for a person's sockets. `state`: its outcome, if it has ended."""
    item = _item(row, _files(row.user_id, row.files))
    return events.Scheduled(**item.model_dump() | {"state": state or row.state, "seq": seq})


def _files(user_id: int, keys: Collection[str]) -> dict[str, File]:
    if not keys:
        return {}
    return {file.key: file for file in File.objects.present().filter(uploader=user_id, key__in=keys)}


def _item(row: ScheduledMessage, files: dict[str, File]) -> events.ScheduledItem:
    return events.ScheduledItem(
        id=row.pk,
        room=row.room.slug if row.room else "",
        message=row.text,
        reply_to=row.reply_to,
        thread=row.thread,
        in_room=row.in_room,
        files=[facts_of(files[key]) for key in row.files if key in files],
        at=row.local,
        zone=row.zone,
        fold=row.fold,
        due=events.stamp(row.due_at),
        state=row.state,
        code=row.code,
        problem=row.problem,
    )
