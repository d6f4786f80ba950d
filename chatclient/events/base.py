"""The base of all events."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Annotated, Any

import msgspec

Number = Annotated[int, msgspec.Meta(ge=0)]
Seconds = Annotated[float, msgspec.Meta(ge=0)]
_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """An event of the server. One whose type this version does not know is a plain `Event`.

    `data` is its JSON object, including fields of later versions. It is parsed on first access, and not compared.
    """

    type: str
    # The request that it answers.
    request_id: str | None = None
    # A name in parentheses matches no field on the wire: the client sets this field.
    data: Mapping[str, Any] = msgspec.field(default=_NOTHING, name="(data)")

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self._compared())

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, name) for name in self._compared()))

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={getattr(self, name)!r}" for name in self._compared())
        return f"{type(self).__name__}({fields})"

    def _compared(self) -> Iterator[str]:
        return (name for name in self.__struct_fields__ if name != "data")


class Durable(Event, frozen=True, kw_only=True):
    """A change of a room, numbered by its next `rev`: a `Message`, `Cleared` or `RoomChanged`."""

    room: str
    rev: Number
