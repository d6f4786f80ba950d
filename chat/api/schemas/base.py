"""The base of all bodies, and numbers in addresses."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

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


class Body(BaseModel):
    """Base of all bodies."""

    # Strict: "5" is not a number. Unknown fields are refused, because a misspelt one would otherwise be ignored.
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")
