"""Converts JSON text from the network to events, and commands to JSON text."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from msgspec.structs import force_setattr

from chatclient.errors import NotAChatServer
from chatclient.events import KINDS, Durable, Event, History, Message, Pins, Resumed

JSONObject = dict[str, Any]


class _Head(msgspec.Struct):
    type: str


class _Page(msgspec.Struct):
    messages: list[msgspec.Raw] = []


_OBJECT = msgspec.json.Decoder(JSONObject)
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_HEAD = msgspec.json.Decoder(_Head)
_PAGE = msgspec.json.Decoder(_Page)
_DECODERS = {kind: msgspec.json.Decoder(struct) for kind, struct in KINDS.items()}
_ELSEWHERE = "this is not a chat server's socket."


class _Data(Mapping[str, Any]):
    """The JSON object of an event, kept as text until a field is read."""

    __slots__ = ("_object", "_text")

    def __init__(self, text: bytes) -> None:
        self._text = text
        self._object: JSONObject | None = None

    def _read(self) -> JSONObject:
        if self._object is None:
            self._object = _OBJECT.decode(self._text)
        return self._object

    def __getitem__(self, name: str) -> Any:
        return self._read()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())


def encode(command: Mapping[str, Any]) -> str:
    """A command as JSON text."""
    return msgspec.json.encode(command).decode()


def decode(frame: str | bytes) -> list[JSONObject]:
    """The events of one frame as JSON objects: one, or with `chat.v1.batch` several.

    Raises:
        NotAChatServer: If it is anything else.
    """
    return [_OBJECT.decode(text) for _, text in _split(frame)]


def parse(frame: str | bytes) -> list[Event]:
    """The typed events of one frame.

    Raises:
        NotAChatServer: If it is anything else, or a field is missing or of another type.
    """
    return [_event(kind, text) for kind, text in _split(frame)]


def _split(frame: str | bytes) -> list[tuple[str, bytes]]:
    """The type and the text of each event."""
    if isinstance(frame, bytes):
        raise NotAChatServer(f"The server sent a binary frame; {_ELSEWHERE}")
    text = frame.encode()
    try:
        texts = map(bytes, _LIST.decode(text)) if text.lstrip()[:1] == b"[" else [text]
        return [(_HEAD.decode(each).type, each) for each in texts]
    except msgspec.ValidationError:
        raise NotAChatServer(f"The server sent JSON that is not an event; {_ELSEWHERE}") from None
    except (msgspec.DecodeError, RecursionError):
        raise NotAChatServer(f"The server sent something that is not JSON; {_ELSEWHERE}") from None


def _event(kind: str, text: bytes) -> Event:
    decoder = _DECODERS.get(kind)
    if decoder is None:
        return Event(type=kind, data=_Data(text))
    try:
        event = decoder.decode(text)
        if isinstance(event, History | Pins | Resumed):
            force_setattr(event, "messages", tuple(_messages(event, text)))
    except (msgspec.DecodeError, RecursionError) as exc:
        raise NotAChatServer(f"The server sent a {kind!r} that is not as agreed: {exc}.") from None
    force_setattr(event, "data", _Data(text))
    return event


def _messages(event: History | Pins | Resumed, text: bytes) -> Iterator[Event]:
    """The messages of a page, or the changes of a resume, each with its own JSON text."""
    wanted = Durable if isinstance(event, Resumed) else Message
    for each in map(bytes, _PAGE.decode(text).messages):
        found = _event(_HEAD.decode(each).type, each)
        if not isinstance(found, wanted):
            raise msgspec.ValidationError(f"{found.type!r} stands among its messages")
        yield found
