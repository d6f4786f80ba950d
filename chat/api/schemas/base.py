"""The base of all bodies, and numbers in addresses."""

from pydantic import BaseModel, BeforeValidator, ConfigDict


def _digits(value: object) -> object:
    """Accept digits only: pydantic's lax mode also takes "1.0" and "1
    " as numbers, so that DELETE …/1.0 deleted message 1.
    """
    if isinstance(value, str) and not (value.isascii() and value.isdigit()):
        raise ValueError("must be a whole number")
    return value


Digits = BeforeValidator(_digits)


class Body(BaseModel):
    """Base of all bodies."""

    # Strict: "5" is not a number. Unknown fields are refused, because a misspelt one would otherwise be ignored.
    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")
