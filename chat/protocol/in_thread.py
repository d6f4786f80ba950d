"""What commands and bodies share whose message may reply in a thread."""

from pydantic import BaseModel, ValidationInfo, field_validator

from chat.protocol.fields import Seq


class InThread(BaseModel):
    """Where a message is shown: in the room, or in a thread of it, and with `in_room` in both."""

    # The root, or a reply of the same thread.
    thread: Seq | None = None
    in_room: bool | None = None

    @field_validator("in_room")
    @classmethod
    def _shown_somewhere(cls, in_room: bool | None, found: ValidationInfo) -> bool | None:
        if in_room is False and found.data.get("thread") is None:
            raise ValueError("can be false for a reply of a thread only")
        return in_room

    @property
    def shown_in_room(self) -> bool:
        """Whether the room shows it."""
        return self.thread is None or bool(self.in_room)
