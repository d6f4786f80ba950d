"""From JSON objects to typed events."""

from collections.abc import Callable
from typing import Any

from chatclient.events import (
    Ack,
    Announcement,
    Authenticated,
    Cleared,
    Durable,
    Event,
    History,
    JoinedRoom,
    LeftRoom,
    Message,
    Person,
    Presence,
    Read,
    Refused,
    Resumed,
    RoomChanged,
    RoomEntry,
    Rooms,
    Typing,
    UserEntry,
    UserJoined,
    UserLeft,
    Users,
)
from chatclient.frames import Fields, JSONObject


def parse_message(data: Any) -> Message:
    """The message of a JSON object.

    Raises:
        NotAChatServer: If a required field is missing or of another type.
    """
    f = Fields(data, "message")
    reactions = f.mapping("reactions")
    return Message(
        type="message",
        data=f.data,
        room=f.text("room"),
        seq=f.number("seq"),
        rev=f.number("rev"),
        kind=f.text("kind", "text"),
        text=f.text("message"),
        username=f.text("username"),
        user_id=f.optional_number("user_id"),
        display_name=f.text("display_name", ""),
        timestamp=f.moment("timestamp"),
        client_id=f.optional_text("client_id"),
        reply_to=f.optional_number("reply_to"),
        edited_at=f.optional_moment("edited_at"),
        deleted=f.flag("deleted"),
        deleted_by=f.optional_text("deleted_by"),
        reactions={emoji: Fields(reactions, "reaction").texts(emoji) for emoji in reactions},
        mentions=f.texts("mentions"),
        system=f.mapping("system") or None,
        was_system=f.flag("was_system"),
        show_username=f.flag("show_username"),
    )


def _cleared(f: Fields) -> Cleared:
    return Cleared(
        type="cleared", data=f.data, room=f.text("room"), before_seq=f.number("before_seq"), rev=f.number("rev")
    )


def _room_changed(f: Fields) -> RoomChanged:
    return RoomChanged(
        type="room",
        data=f.data,
        room=f.text("room"),
        rev=f.number("rev"),
        title=f.text("title", ""),
        topic=f.text("topic", ""),
        kind=f.text("kind", ""),
        archived=f.flag("archived"),
    )


def _durable(data: Any) -> Durable:
    f = Fields(data, "change")
    kind = f.text("type", "message")
    if kind == "cleared":
        return _cleared(f)
    return _room_changed(f) if kind == "room" else parse_message(data)


def _authenticated(f: Fields) -> Authenticated:
    return Authenticated(
        type="authenticated",
        data=f.data,
        user_id=f.optional_number("user_id"),
        username=f.text("username"),
        display_name=f.text("display_name", ""),
        staff=f.flag("staff"),
        epoch=f.text("epoch"),
        limits=f.mapping("limits"),
    )


def _rooms(f: Fields) -> Rooms:
    return Rooms(type="rooms", data=f.data, rooms=tuple(_room_entry(Fields(item, "room")) for item in f.items("rooms")))


def _room_entry(f: Fields) -> RoomEntry:
    return RoomEntry(
        room=f.text("room"),
        title=f.text("title", ""),
        topic=f.text("topic", ""),
        kind=f.text("kind", ""),
        role=f.text("role", ""),
        seq=f.number("seq"),
        rev=f.number("rev"),
        read_seq=f.number("read_seq", 0),
        unread=f.number("unread", 0),
        mentions=f.number("mentions", 0),
        mentioned=f.numbers("mentioned"),
        notify=f.text("notify", ""),
        muted_until=f.optional_moment("muted_until"),
    )


def _joined_room(f: Fields) -> JoinedRoom:
    return JoinedRoom(
        type="joined_room",
        data=f.data,
        room=f.text("room"),
        title=f.text("title", ""),
        topic=f.text("topic", ""),
        kind=f.text("kind", ""),
        role=f.data["role"] if isinstance(f.data.get("role"), str) else "",
        seq=f.number("seq"),
        rev=f.number("rev"),
        read_seq=f.number("read_seq", 0),
        members_online=f.number("members_online", 0),
        unread=f.optional_number("unread"),
        mentions=f.optional_number("mentions"),
        mentioned=f.numbers("mentioned"),
    )


def _history(f: Fields) -> History:
    return History(
        type="history",
        data=f.data,
        room=f.text("room"),
        messages=tuple(parse_message(item) for item in f.items("messages")),
        has_older=f.flag("has_older"),
        has_newer=f.flag("has_newer"),
    )


def _resumed(f: Fields) -> Resumed:
    return Resumed(
        type="resumed",
        data=f.data,
        room=f.text("room"),
        complete=f.flag("complete"),
        messages=tuple(_durable(item) for item in f.items("messages")),
        rev=f.optional_number("rev") or 0,
    )


def _users(f: Fields) -> Users:
    people = (Fields(item, "person") for item in f.items("users"))
    return Users(
        type="users",
        data=f.data,
        room=f.text("room", ""),
        users=tuple(
            UserEntry(
                username=p.text("username"),
                display_name=p.text("display_name", ""),
                role=p.text("role", ""),
                online=p.flag("online"),
                typing=p.flag("typing"),
                show_username=p.flag("show_username"),
            )
            for p in people
        ),
    )


def _ack(f: Fields) -> Ack:
    return Ack(
        type="ack",
        data=f.data,
        room=f.optional_text("room"),
        seq=f.optional_number("seq"),
        rev=f.optional_number("rev"),
        client_id=f.optional_text("client_id"),
        request_id=f.optional_text("request_id"),
        timestamp=f.optional_moment("timestamp"),
        duplicate=f.flag("duplicate"),
    )


def _refused(f: Fields) -> Refused:
    return Refused(
        type="error",
        data=f.data,
        code=f.text("code"),
        message=f.text("message", ""),
        request_id=f.optional_text("request_id"),
        client_id=f.optional_text("client_id"),
        retry_after=f.seconds("retry_after"),
        fields={name: str(what) for name, what in f.mapping("fields").items()},
    )


_PARSERS: dict[str, Callable[[Fields], Event]] = {
    "message": lambda f: parse_message(f.data),
    "cleared": _cleared,
    "room": _room_changed,
    "authenticated": _authenticated,
    "rooms": _rooms,
    "joined_room": _joined_room,
    "left_room": lambda f: LeftRoom(
        type="left_room", data=f.data, room=f.text("room"), reason=f.text("reason", "left")
    ),
    "history": _history,
    "resumed": _resumed,
    "typing": lambda f: Typing(
        type="typing", data=f.data, room=f.text("room"), username=f.text("username"), is_typing=f.flag("is_typing")
    ),
    "user_joined": lambda f: UserJoined(
        type="user_joined", data=f.data, room=f.text("room"), username=f.text("username")
    ),
    "user_left": lambda f: UserLeft(type="user_left", data=f.data, room=f.text("room"), username=f.text("username")),
    "presence": lambda f: Presence(
        type="presence", data=f.data, users={name: str(state) for name, state in f.mapping("users").items()}
    ),
    "read": lambda f: Read(type="read", data=f.data, room=f.text("room"), seq=f.number("seq"), unread=f.flag("unread")),
    "users": _users,
    "person": lambda f: Person(
        type="person",
        data=f.data,
        user_id=f.number("user_id"),
        username=f.text("username"),
        display_name=f.text("display_name", ""),
        show_username=f.flag("show_username"),
    ),
    "announcement": lambda f: Announcement(
        type="announcement",
        data=f.data,
        text=f.text("message"),
        username=f.text("username", ""),
        timestamp=f.moment("timestamp"),
    ),
    "ack": _ack,
    "error": _refused,
}


def parse_event(data: JSONObject) -> Event:
    """The typed event of a JSON object.

    Raises:
        NotAChatServer: If a required field is missing or of another type.
    """
    kind = data["type"]
    parser = _PARSERS.get(kind)
    return parser(Fields(data, kind)) if parser else Event(type=kind, data=data)
