"""The base of all commands: what each declares, and the list of them."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from chat.protocol.fields import Slug


class Budget(Enum):
    """A rate limit, shared by all sockets of one person."""

    # Commands that are sent to others, or write a system line.
    SENDS = auto()
    # Read marks and typing: limited separately, so that they cannot use up the sending of messages.
    SIGNALS = auto()
    # Commands that read much.
    READS = auto()


@dataclass(frozen=True, slots=True)
class Cost:
    """What a command takes from a budget. For `Budget.READS` the unit is one page of history."""

    budget: Budget | None
    tokens: int = 1


SEND = Cost(Budget.SENDS)
SIGNAL = Cost(Budget.SIGNALS)
PAGE = Cost(Budget.READS)
SIX_PAGES = Cost(Budget.READS, 6)
FREE = Cost(None)

# All commands: each class with a `type`. The package imports every module that defines some.
COMMANDS: list[type["Command"]] = []


class Command(BaseModel):
    """Base of all commands."""

    # Strict: "5" is not a number. Unknown fields are ignored, so that older servers accept newer clients.
    model_config = ConfigDict(strict=True, frozen=True, extra="ignore")

    cost: ClassVar[Cost]
    # Whether a token that may only read can send it.
    reads: ClassVar[bool] = False
    # Whether it is executed after earlier messages of its socket, as leaving a room must be.
    ordered: ClassVar[bool]

    request_id: Annotated[str, Field(max_length=64)] | None = None

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if "type" not in cls.model_fields:
            return
        if missing := [name for name in ("cost", "ordered") if name not in vars(cls)]:
            raise TypeError(f"The command {cls.__name__} does not declare its {' and '.join(missing)}.")
        COMMANDS.append(cls)

    @property
    def name(self) -> str:
        """The name of the command: its `command` where several share one `type`, else its `type`."""
        fields = vars(self)
        return str(fields.get("command") or fields["type"])


class RoomCommand(Command):
    """A command about a room. On a socket of one room, `room` can be left out."""

    room: Slug | None = None
