"""The statements of the queue of pushes that are not the ORM's: building those took half of what 64 pushes cost this
process at the database."""

from collections.abc import Collection

from chat.models import Message, Notification, PushDelivery, PushSubscription
from chat.services.sql_pipeline import ForRows, deleting, given, select_together, updating

_MESSAGES, _NOTIFICATIONS = Message._meta.db_table, Notification._meta.db_table
# Deliveries that are over: (id).
TAKEN = deleting(PushDelivery._meta.db_table, "id", "bigint")
# Devices that were sent something.
SENT = updating(PushSubscription._meta.db_table, {"sent_at": "timestamptz", "id": "bigint"})
SHOWN = updating(_NOTIFICATIONS, {"shown": "boolean", "id": "bigint"})
# Notifications of a person and a room that no longer stand on a device, since one of this `seq` takes their place.
REPLACED = ForRows(
    ["user_id", "room_id", "seq"],
    f"UPDATE {_NOTIFICATIONS} SET shown = false WHERE user_id = %s AND room_id = %s AND seq < %s AND shown",
    f"UPDATE {_NOTIFICATIONS} SET shown = false"
    " FROM json_to_recordset(%s) AS fresh (user_id bigint, room_id bigint, seq bigint)"
    f" WHERE {_NOTIFICATIONS}.user_id = fresh.user_id AND {_NOTIFICATIONS}.room_id = fresh.room_id"
    f" AND {_NOTIFICATIONS}.seq < fresh.seq AND {_NOTIFICATIONS}.shown",
)


def message_ids(places: Collection[tuple[int | None, int]]) -> list[int]:
    """The ids of the messages at these places, a room and a `seq` each."""
    pairs, values = given({"room_id": "bigint", "seq": "bigint"}, places)
    there = f"{_MESSAGES}.room_id = given.room_id AND {_MESSAGES}.seq = given.seq"
    [found] = select_together((f"SELECT {_MESSAGES}.id FROM {pairs} CROSS JOIN {_MESSAGES} WHERE {there}", values))
    return [pk for (pk,) in found]
