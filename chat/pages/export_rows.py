"""Exports as pages list them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest

from chat.models import Export
from chat.pages.i18n import refusal_line
from chat.pages.password_form import PasswordAskedForm
from chat.pages.people import reader
from chat.protocol.errors import ChatError, Code


@dataclass(frozen=True, slots=True)
class ExportRow:
    """An export as a page lists it. `password`: the form that its download needs; None for an account without one."""

    export: Export
    password: PasswordAskedForm | None
    problem: str
    mine: bool


def rows_of(
    request: HttpRequest, exports: Iterable[Export], failed: dict[int, PasswordAskedForm] | None = None
) -> list[ExportRow]:
    """The rows of exports; `failed`: forms that were refused, by number."""
    me, asked = reader(request), asks_password(request)
    return [
        ExportRow(
            export=one,
            password=((failed or {}).get(one.pk) or PasswordAskedForm(prefix=prefix_of(one.pk))) if asked else None,
            problem=refusal_line(ChatError(Code.SERVER_ERROR, one.problem)) if one.problem else "",
            mine=one.by_id == me.pk,
        )
        for one in exports
    ]


def asks_password(request: HttpRequest) -> bool:
    """Whether the account has a password; of a single sign-on it has none that could be asked."""
    return bool(getattr(request.user, "has_usable_password", lambda: False)())


def prefix_of(number: int) -> str:
    """The prefix of the form of an export."""
    return f"export{number}"
