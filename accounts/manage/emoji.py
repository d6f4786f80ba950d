"""The server's custom emoji: who added them, their names, and adding one."""

import tempfile
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.manage.frame import ROWS, administrators, done, failed, page, place, typed
from accounts.models import User
from chat.models import Participant
from chat.pages.i18n import refusal_line
from chat.protocol.errors import ChatError, Code
from chat.queries.emoji import emoji_search
from chat.services.emoji import BYTES_MAX, emoji_add, emoji_change, emoji_delete
from chat.services.files import arrivals, file_discard, file_keep


@administrators
def emoji(request: HttpRequest, user: User) -> HttpResponse:
    """GET: one page of them, with three queries. POST: add an emoji, change its names, or remove it."""
    if request.method == "POST":
        return _change(request, user.participant)
    wanted, start = typed(request.GET, "q", 64), place(request)
    rows, total = emoji_search(wanted.strip(":").lower(), start=start, limit=ROWS)
    following = urlencode({"q": wanted, "from": start + ROWS}) if total > start + ROWS else ""
    return page(request, "emoji", wanted=wanted, rows=rows, total=total, following=following)


def _change(request: HttpRequest, user: Participant) -> HttpResponse:
    act, name, to = (typed(request.POST, field, 64).strip(":") for field in ("act", "name", "to"))
    others = typed(request.POST, "aliases", 1_000).replace(",", " ").split()
    # Return to the same list, so that the next emoji can be changed.
    query = urlencode({"q": wanted}) if (wanted := typed(request.POST, "q", 64)) else ""
    aliases = list(dict.fromkeys(alias.strip(":") for alias in others))
    try:
        if act == "add":
            _add(request, user, name, aliases)
            return done(request, "emoji", _(":%(name)s: is there.") % {"name": name})
        if act == "change":
            # The earlier name stays among its aliases.
            kept = [alias for alias in aliases if alias != to]
            emoji_change(user=user, name=name, new_name=to or None, aliases=kept)
            return done(request, "emoji", _("Saved."), query=query)
        if act == "remove":
            emoji_delete(user=user, name=name)
            return done(request, "emoji", _(":%(name)s: is removed.") % {"name": name}, query=query)
    except ChatError as error:
        return failed(request, "emoji", refusal_line(error), query=query)
    raise Http404


def _add(request: HttpRequest, user: Participant, name: str, aliases: list[str]) -> None:
    sent = request.FILES.get("file")
    if sent is None:
        raise ChatError(Code.INVALID, "Choose a picture: PNG, GIF or WebP.")
    if (sent.size or 0) > BYTES_MAX:
        raise ChatError(Code.TOO_LARGE, "The picture is larger than 256 KB. Make it smaller and send it again.")
    with tempfile.TemporaryDirectory(prefix="emoji.", dir=arrivals()) as folder:
        path = Path(folder, "picture")
        path.write_bytes(b"".join(sent.chunks()))
        file = file_keep(user=user, path=path, size=path.stat().st_size, name=sent.name or "emoji")
    try:
        emoji_add(user=user, name=name, key=file.key, aliases=aliases)
    except ChatError:
        with suppress(ChatError):
            file_discard(file=file)
        raise
