"""Forwarding: a new message with another one's text and files, posted like any message."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chat.access import access_message, access_room
from chat.models import File, Forward, Message, Participant
from chat.protocol import events
from chat.protocol.errors import ChatError, not_found
from chat.queries.files import facts_of
from chat.queries.forwards import forwards_of
from chat.rules import Action
from chat.services.file_sharing import files_refer

# Separates the comment from the forwarded text.
GAP = "\n\n"


@dataclass(frozen=True, slots=True)
class Origin:
    """The message to forward, by room and `seq`."""

    room: str
    seq: int


@dataclass(frozen=True, slots=True)
class Source:
    """What is forwarded. For a message that is itself a forward: the text it forwards, with its first author."""

    message_id: int
    text: str
    author_id: int | None
    room_id: int | None
    seq: int
    written_at: datetime
    # The files' keys, in order.
    files: tuple[str, ...] = ()

    def below(self, comment: str) -> str:
        """The text of the new message."""
        return f"{comment}{GAP if comment and self.text else ''}{self.text}"

    def start(self, comment: str) -> int:
        """The code point at which the forwarded text begins."""
        return len(self.below(comment)) - len(self.text)


def source_of(*, user: Participant, origin: Origin) -> Source:
    """The message that this person wants to forward, in its current state.

    Raises:
        ChatError: `not_found` (a room or message that they cannot read; deleted, cleared, a system line), `banned`.
    """
    access = access_room(user=user, slug=origin.room)
    message = access_message(access=access, seq=origin.seq, action=Action.READ)
    if message.deleted_at or message.kind == Message.Kind.SYSTEM:
        raise not_found("message")
    files: tuple[str, ...] = ()
    if message.file_count:
        stored = File.objects.stored().filter(message=message).order_by("position")
        files = tuple(stored.values_list("key", flat=True))
    first = Forward.objects.filter(message=message).first() if message.forwarded else None
    if first:
        text, place = message.text[first.start :], (first.author_id, first.room_id, first.seq, first.written_at)
    else:
        text, place = message.text, (message.author_id, message.room_id, message.seq, message.created_at)
    return Source(message.pk, text, *place, files)


def source_found(user: Participant, origin: Origin) -> Source | ChatError:
    """Like `source_of`, but returns the refusal as a value."""
    try:
        return source_of(user=user, origin=origin)
    except ChatError as refusal:
        return refusal


def source_problem(source: Source, locked: Mapping[str, File]) -> ChatError | None:
    """`not_found` if the locked files are no longer the source's, which was deleted meanwhile; otherwise None."""
    there = all(
        (file := locked.get(key)) and file.message_id == source.message_id and file.state == File.State.READY
        for key in source.files
    )
    return None if there else not_found("message")


def forwards_save(
    made: Sequence[tuple[Message, Source, str, Participant]], locked: Mapping[str, File]
) -> tuple[dict[int, events.Forwarded], dict[int, list[events.FileFacts]]]:
    """Record what new messages forward (each with its comment and its author), and give them their files; returns both
    for the messages' states, by message id."""
    Forward.objects.bulk_create(
        Forward(
            message=message,
            author_id=source.author_id,
            room_id=source.room_id,
            seq=source.seq,
            written_at=source.written_at,
            start=source.start(comment),
        )
        for message, source, comment, _ in made
    )
    files = {}
    for message, source, _, author in made:
        referring = files_refer(message, [locked[key] for key in source.files], author) if source.files else []
        message.forwarded, message.file_count = True, len(referring)
        files[message.pk] = [facts_of(file) for file in referring]
    Message.objects.bulk_update([message for message, *_ in made], ["forwarded", "file_count"])
    return forwards_of([message.pk for message, *_ in made]), files


def forwards_end(messages: Iterable[Message]) -> None:
    """End the forwards of these messages; the caller saves the messages."""
    ended = [message for message in messages if message.forwarded]
    if ended:
        Forward.objects.filter(message__in=ended).delete()
    for message in ended:
        message.forwarded = False


def keys_of(sources: Collection[Source | ChatError]) -> list[str]:
    """The file keys of the sources that were found."""
    return [key for source in sources if isinstance(source, Source) for key in source.files]
