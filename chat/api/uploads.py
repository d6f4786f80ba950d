"""`POST /api/v1/files` and `/api/v1/uploads/`: the requests whose bodies are files.

They are answered before Django, which would begin only when the whole body has arrived.
"""

import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs

from django.http import HttpRequest, HttpResponse

from chat import metrics
from chat.api import tus
from chat.api.authentication import signed_in
from chat.api.errors import failure, json_response, refusal, wrong_method
from chat.api.form import Form
from chat.api.parts import kept
from chat.api.receiving import App, Body, Disconnected, Receive, Scope, Send, Stalled, answer, request_of
from chat.live import db
from chat.models import Participant
from chat.queries.files import facts_of
from chat.server.bodies import FORM_BYTES, is_resumable, is_upload
from chat.services.files import check_room_for, check_size, check_unfinished, largest_file

Handler = Callable[[HttpRequest, Body], Awaitable[HttpResponse]]
# The number of files arriving in single requests, by the id of their sender.
_arriving: Counter[int] = Counter()


class Uploads:
    """ASGI middleware: answers uploads itself, and passes other requests on."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if not is_upload(path):
            await self.app(scope, receive, send)
            return
        route, handler = ("uploads", tus.handle) if is_resumable(path) else ("files", _post)
        request, body = request_of(scope), Body(receive)
        began, status = time.perf_counter(), "gone"
        metrics.HTTP_IN_PROGRESS.inc()
        try:
            response = await _respond(handler, request, body)
            await body.drop()
            status = str(response.status_code)
            response["Cache-Control"] = "no-store"
            response["X-Content-Type-Options"] = "nosniff"
            await answer(response, send, head=request.method == "HEAD")
        except Disconnected:
            # What has arrived of a tus upload is kept; there is no connection to answer on.
            return
        finally:
            metrics.HTTP_IN_PROGRESS.dec()
            metrics.HTTP_REQUESTS.labels(route, tus.method_of(request), status).inc()
            metrics.HTTP_SECONDS.labels(route).observe(time.perf_counter() - began)


async def _respond(handler: Handler, request: HttpRequest, body: Body) -> HttpResponse:
    try:
        return await handler(request, body)
    except Disconnected:
        raise
    except Stalled as error:
        response = refusal(error)
        response.status_code = 408
        return response
    except Exception as error:
        return failure(request, error)


async def _post(request: HttpRequest, body: Body) -> HttpResponse:
    """One file in one request: a form, or the bytes themselves with `?name=` and `?description=`."""
    if request.method != "POST":
        return wrong_method("POST")
    user = (await signed_in(request)).user
    length = int(request.headers.get("Content-Length") or 0)
    if length > largest_file() + FORM_BYTES:
        # Refused before any of it is written.
        check_size(length)
    await db.on_files(check_room_for, user=user, size=max(length - FORM_BYTES, 1))
    with arriving(user):
        return await _take(request, user, body)


@contextmanager
def arriving(user: Participant) -> Iterator[None]:
    """Count a file that this person is sending: each is open, and may take as long as its client likes.

    Raises:
        ChatError: `quota`: there are too many.
    """
    check_unfinished(_arriving[user.pk])
    _arriving[user.pk] += 1
    try:
        yield
    finally:
        _arriving[user.pk] -= 1
        if not _arriving[user.pk]:
            del _arriving[user.pk]


async def _take(request: HttpRequest, user: Participant, body: Body) -> HttpResponse:
    if request.content_type == "multipart/form-data":
        form = Form(request.headers["Content-Type"], body.pieces())
        return await _receive(user, form.file(), lambda: (form.filename or "", form.text("description")))
    query = parse_qs(request.META.get("QUERY_STRING", ""))
    name, description = (query.get(field, [""])[0] for field in ("name", "description"))
    return await _receive(user, body.pieces(), lambda: (name, description))


async def _receive(
    user: Participant, pieces: AsyncIterator[bytes], facts: Callable[[], tuple[str, str]]
) -> HttpResponse:
    file = await kept(user, pieces, facts)
    return json_response(facts_of(file).model_dump_json(), status=201)
