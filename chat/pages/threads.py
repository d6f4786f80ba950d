"""Renders pages in the database threads."""

from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

from django.urls import get_script_prefix, set_script_prefix
from django.utils import translation

from chat.live import db

P = ParamSpec("P")
T = TypeVar("T")


async def render(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`db.run` with the request's language and script name: asgiref 3.13 hides both in threads it did not start."""
    return await db.run(_within, translation.get_language(), get_script_prefix(), partial(function, *args, **kwargs))


def _within(language: str | None, prefix: str, call: Callable[[], T]) -> T:
    before = get_script_prefix()
    set_script_prefix(prefix)
    try:
        with translation.override(language):
            return call()
    finally:
        set_script_prefix(before)
