"""Exports as pages list them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.translation import gettext as _

from chat.identity.passwords import has_password, in_words
from chat.lib.pace import in_short, seconds_left
from chat.models import Export
from chat.pages.i18n import refusal_line
from chat.pages.password_form import PasswordAskedForm
from chat.pages.people import reader
from chat.protocol.errors import ChatError, Code

HOUR = 3600


@dataclass(frozen=True, slots=True)
class ExportRow:
    """An export as a page lists it. `password`: the form for its download; None for an account without a password."""

    export: Export
    password: PasswordAskedForm | None
    problem: str
    mine: bool
    # The remaining time in words, or "".
    left: str


def rows_of(
    request: HttpRequest, exports: Iterable[Export], failed: dict[int, PasswordAskedForm] | None = None
) -> list[ExportRow]:
    """Return the rows of exports; `failed`: refused forms, by the number of the export."""
    me, asked = reader(request), asks_password(request)
    return [
        ExportRow(
            export=one,
            password=((failed or {}).get(one.pk) or PasswordAskedForm(prefix=prefix_of(one.pk))) if asked else None,
            problem=refusal_line(ChatError(Code.SERVER_ERROR, one.problem)) if one.problem else "",
            mine=one.by_id == me.pk,
            left=time_left(one.done, one.total, one.rate),
        )
        for one in exports
    ]


def time_left(done: int, total: int, rate: int) -> str:
    """Return the remaining time of an export or import in words; "" while unknown."""
    seconds = seconds_left(done, total, rate)
    if seconds is None:
        return ""
    return _("%(time)s left") % {"time": in_short(seconds) if seconds > HOUR else in_words(seconds)}


def asks_password(request: HttpRequest) -> bool:
    """Whether a download asks for a password: the account has one."""
    return has_password(request.user)


def prefix_of(number: int) -> str:
    """Return the prefix of the form of an export."""
    return f"export{number}"
