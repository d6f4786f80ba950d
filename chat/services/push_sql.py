"""Raw SQL for the queue of pushes: building these statements with the ORM took half of this process's database time
for 64 pushes."""

from collections.abc import Collection

from chat.models import Message, Notification, PushDelivery, PushSubscription
from chat.services.sql_pipeline import ForRows, deleting, given, select_together, updating

_MESSAGES, _NOTIFICATIONS = Message._meta.db_table, Notification._meta.db_table
# Deletes finished deliveries: (id).
TAKEN = deleting(PushDelivery._meta.db_table, "id", "bigint")
# Devices that a push was sent to.
SENT = updating(PushSubscription._meta.db_table, {"sent_at": "timestamptz", "id": "bigint"})
SHOWN = updating(_NOTIFICATIONS, {"shown": "boolean", "id": "bigint"})
# Notifications that a device no longer shows, because one with this `seq` for the same person and room replaces them.
REPLACED = ForRows(
    ["user_id", "room_id", "seq"],
    f"UPDATE {_NOTIFICATIONS} SET shown = false WHERE user_id = %s AND room_id = %s AND seq < %s AND shown",
    f"UPDATE {_NOTIFICATIONS} SET shown = false"
    " FROM json_to_recordset(%s) AS fresh (user_id bigint, room_id bigint, seq bigint)"
    f" WHERE {_NOTIFICATIONS}.user_id = fresh.user_id AND {_NOTIFICATIONS}.room_id = fresh.room_id"
    f" AND {_NOTIFICATIONS}.seq < fresh.seq AND {_NOTIFICATIONS}.shown",
)


def message_ids(places: Collection[tuple[int | None, int]]) -> list[int]:
    """The ids of the messages at these places (room id, `seq`)."""
    pairs, values = given({"room_id": "bigint", "seq": "bigint"}, places)
    there = f"{_MESSAGES}.room_id = given.room_id AND {_MESSAGES}.seq = given.seq"
    [found] = select_together((f"SELECT {_MESSAGES}.id FROM {pairs} CROSS JOIN {_MESSAGES} WHERE {there}", values))
    return [pk for (pk,) in found]
