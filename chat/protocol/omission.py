"""When a field is left out of a frame: the `exclude_if` of a model's fields."""

from collections.abc import Callable


def is_false(value: object) -> bool:
    return value is False


def is_none(value: object) -> bool:
    return value is None


def is_empty(value: object) -> bool:
    return not value


def equals(usual: str) -> Callable[[object], bool]:
    """Whether a value is the usual one, which clients assume for a field that is left out."""
    return lambda value: value == usual
