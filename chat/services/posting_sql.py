"""Hand-written SQL of posting: six statements for a batch of messages.

CPU per message in a batch of one: through the ORM 3.4 ms, as separate statements 0.7 ms, in three round trips 0.4 ms.
They lock before they read, rooms before memberships, each in id order, so that two batches cannot deadlock.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.utils.dateparse import parse_datetime

from chat.models import Membership, Message, Participant, Room
from chat.services.sql_pipeline import Row, among, inserting, run_together, select_together, updating


def _in_field_order(model: type[models.Model], *names: str) -> tuple[str, ...]:
    """The values in the order that `Model.from_db` expects."""
    return tuple(field.attname for field in model._meta.concrete_fields if field.attname in names)


_ROOM = _in_field_order(
    Room,
    *(
        "id",
        "slug",
        "kind",
        "archived",
        "posting",
        "slow_seconds",
        "pinning",
        "calling",
        "adding",
        "edit_history",
        "last_seq",
        "last_rev",
        "cleared_before_seq",
    ),
)
_MEMBERSHIP = _in_field_order(
    Membership, "id", "user_id", "room_id", "role", "read_seq", "muted_until", "posted_at", "drafting"
)
_AUTHOR = _in_field_order(Participant, "id", "username", "display_name", "is_active", "is_staff", "name_shared")
_POST = {
    "room_id": "bigint",
    "seq": "bigint",
    "rev": "bigint",
    "author_id": "bigint",
    "text": "text",
    "reply_to": "bigint",
    "client_id": "text",
    "client_digest": "text",
    "kind": "text",
    "created_at": "timestamptz",
}
# A statement of its own: the one of all other messages has no column more for threads.
_REPLY = {"thread": "bigint", "in_room": "boolean"} | _POST
_INSERT = inserting(Message._meta.db_table, _POST)
_INSERT_REPLIES = inserting(Message._meta.db_table, _REPLY)
_NUMBER = updating(Room._meta.db_table, {"last_seq": "bigint", "last_rev": "bigint", "id": "bigint"})
_MARK = updating(Membership._meta.db_table, {"read_seq": "bigint", "posted_at": "timestamptz", "id": "bigint"})


@dataclass(frozen=True, slots=True)
class FirstPost:
    """The message that was posted under a `client_id`."""

    author_id: int
    client_id: str
    digest: str
    room: str
    seq: int
    rev: int
    created_at: datetime


def rooms_locked(slugs: Collection[str], *, wait: bool) -> list[Room]:
    """These rooms, locked until the transaction ends; without `wait`, those that no other transaction locks."""
    skip = not wait and connection.features.has_select_for_update_skip_locked
    of_these, values = among("slug", slugs)
    (rows,) = select_together(
        (
            f"SELECT {_columns(Room, _ROOM)} FROM {_table(Room)} WHERE {of_these} ORDER BY id"
            + _lock(Room, " SKIP LOCKED" if skip else ""),
            values,
        )
    )
    return [Room.from_db(DEFAULT_DB_ALIAS, _ROOM, row) for row in rows]


def read_for_posting(
    room_ids: Collection[int], author_ids: Collection[int], client_ids: Collection[str]
) -> tuple[list[Membership], list[FirstPost]]:
    """The memberships of these people in locked rooms, each with its participant, and locked because their read marks
    are about to move; and what these people posted before with these client_ids."""
    in_rooms, rooms = among("room_id", room_ids)
    of_people, people = among(f"{_table(Membership)}.user_id", author_ids)
    by_authors, authors = among("author_id", author_ids)
    under_ids, ids = among("client_id", client_ids)
    memberships, firsts = select_together(
        (
            f"SELECT {_columns(Membership, _MEMBERSHIP)}, {_columns(Participant, _AUTHOR)} FROM {_table(Membership)}"
            f" JOIN {_table(Participant)} ON {_table(Participant)}.id = {_table(Membership)}.user_id"
            f" WHERE {in_rooms} AND {of_people} ORDER BY {_table(Membership)}.id" + _lock(Membership),
            [*rooms, *people],
        ),
        (
            f"SELECT author_id, client_id, client_digest, slug, seq, rev, {_table(Message)}.created_at"
            f" FROM {_table(Message)} JOIN {_table(Room)} ON {_table(Room)}.id = room_id"
            f" WHERE {by_authors} AND {under_ids}",
            [*authors, *ids],
        ),
    )
    return [_membership(row) for row in memberships], [_first_post(row) for row in firsts]


def posts_save(
    posts: Sequence[Row],
    replies: Sequence[Row],
    rooms: Iterable[Room],
    memberships: Iterable[Membership],
    *,
    at: datetime,
) -> None:
    """Insert the messages posted `at`, rows of (room_id, seq, rev, author_id, text, reply_to, client_id,
    client_digest), and the replies of threads, with (thread, in_room) before them; and update the locked rows:
    the last numbers of the rooms, the read marks and last posts of the authors."""
    kind, created_at = Message.Kind.TEXT.value, connection.ops.adapt_datetimefield_value(at)
    run_together(
        *([(_INSERT, [(*post, kind, created_at) for post in posts])] if posts else ()),
        *([(_INSERT_REPLIES, [(*reply, kind, created_at) for reply in replies])] if replies else ()),
        (_NUMBER, [(room.last_seq, room.last_rev, room.pk) for room in rooms]),
        (_MARK, [(membership.read_seq, created_at, membership.pk) for membership in memberships]),
    )


def _membership(row: Row) -> Membership:
    membership = Membership.from_db(DEFAULT_DB_ALIAS, _MEMBERSHIP, row[: len(_MEMBERSHIP)])
    membership.muted_until = _moment(membership.muted_until)
    membership.posted_at = _moment(membership.posted_at)
    membership.user = Participant.from_db(DEFAULT_DB_ALIAS, _AUTHOR, row[len(_MEMBERSHIP) :])
    return membership


def _first_post(row: Row) -> FirstPost:
    author_id, client_id, digest, room, seq, rev, created_at = row
    at = _moment(created_at)
    assert at
    return FirstPost(author_id, client_id, digest, room, seq, rev, at)


def _table(model: type[Room | Membership | Message | Participant]) -> str:
    return model._meta.db_table


def _columns(model: type[Room | Membership | Participant], names: Iterable[str]) -> str:
    return ", ".join(f"{_table(model)}.{name}" for name in names)


def _lock(model: type[Room | Membership], more: str = "") -> str:
    # On SQLite the whole file is locked already: transactions begin IMMEDIATE.
    return f" FOR NO KEY UPDATE OF {_table(model)}{more}" if connection.features.has_select_for_update else ""


def _moment(value: datetime | str | None) -> datetime | None:
    """The time as a parameter. SQLite stores UTC without an offset."""
    moment = parse_datetime(value) if isinstance(value, str) else value
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)
