"""The base of all bodies, and numbers in addresses."""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from chat.protocol.fields import Seq


def _digits(value: object) -> object:
    """Accept digits only: pydantic's lax mode also takes "1.0" and "1
    " as numbers, so that DELETE …/1.0 deleted message 1.
    """
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        raise ValueError("must be a whole number")
    return value


Digits = BeforeValidator(_digits)
# A `seq` or an id, in an address or a query.
Number = Annotated[Seq, Digits]


def _text(value: object) -> object:
    """Accept text only: pydantic's lax mode also takes numbers for times."""
    if not isinstance(value, str):
        raise ValueError("must be a time such as 2026-05-01T08:00:00Z")
    return value


# A time with its offset, in a body.
Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_text)]


class Body(BaseModel):
    """Base of all bodies."""

    # Strict: "5" is not a number. Unknown fields are refused, because a misspelt one would otherwise be ignored.
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")
