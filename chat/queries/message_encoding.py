"""Encodes new messages and those of a page without an object for each event, which would take ten times as long."""

from collections.abc import Sequence
from json.encoder import encode_basestring as _json
from typing import NamedTuple

from chat.models import Message, Participant
from chat.protocol import events
from chat.queries.message_states import Facts, MessageRow, facts_of


class RowAuthor(NamedTuple):
    """The facts that are sent about the author of a message from the database."""

    id: int
    username: str
    display_name: str
    name_shared: bool
    kind: str


def encode_new(
    *,
    room: str,
    seq: int,
    rev: int,
    text: str,
    author: "Participant | RowAuthor",
    timestamp: str,
    client_id: str | None,
    reply_to: int | None,
    mentions: Sequence[str],
    thread: int | None,
    in_room: bool,
) -> str:
    """Return what `MessageRow.state(mentions=mentions).encode()` returns for a new message without files, in a tenth of
    the time: that was a tenth of the cost of posting a message. A test compares the two."""
    name, shared = _json(author.username), ',"show_username":true' if author.name_shared else ""
    return (
        f'{{"type":"message","room":{_json(room)},"seq":{seq},"rev":{rev},"kind":"text","message":{_json(text)},'
        f'"username":{name},"user_id":{author.id},"author":{_json(author.kind)},'
        f'"display_name":{_json(author.display_name) if author.display_name else name},"timestamp":"{timestamp}",'
        f'"client_id":{_json_or_null(client_id)},"reply_to":{_number_or_null(reply_to)},"edited_at":null,'
        f'"deleted":false,"deleted_by":null,"reactions":{{}},"mentions":[{",".join(map(_json, mentions))}],'
        f'"files":[],"previews":[],"pinned":null,"thread":{_number_or_null(thread)},'
        f'"in_room":{"true" if in_room else "false"},"replies":null{shared}}}'
    )


def _json_or_null(text: str | None) -> str:
    return "null" if text is None else _json(text)


def _number_or_null(number: int | None) -> str:
    return "null" if number is None else str(number)


def encoded_states_of(rows: Sequence[MessageRow]) -> list[str]:
    """Return `states_of`, each encoded. Messages with nothing attached are encoded as new ones, in a tenth of the
    time."""
    return [_encoded(row, facts) for row, facts in zip(rows, facts_of(rows), strict=True)]


def _encoded(row: MessageRow, facts: Facts) -> str:
    more = any((*facts._replace(mentions=None), row.edited_at, row.deleted_at, row.deleted_by__username, row.system))
    if more or row.pinned_at or row.kind != Message.Kind.TEXT:
        return row.state(*facts).encode()
    author = RowAuthor(
        *(row.author_id, row.author__username, row.author__display_name, row.author__name_shared, row.author__kind)
    )
    return encode_new(
        room=row.room__slug,
        seq=row.seq,
        rev=row.rev,
        text=row.text,
        author=author,
        timestamp=events.stamp(row.created_at),
        client_id=row.client_id,
        reply_to=row.reply_to,
        mentions=facts.mentions or (),
        thread=row.thread,
        in_room=row.in_room,
    )
