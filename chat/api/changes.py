"""Changes of a room after a `rev`: for bots without a socket."""

import asyncio
from contextlib import suppress

from django.http import HttpResponse
from ninja import Query, Router

from chat.access import access_room
from chat.api.authentication import AuthedRequest, not_signed_in, signed_in
from chat.api.errors import json_response
from chat.api.long_poll import release_thread, waiting
from chat.api.schemas.changes import ChangesQuery
from chat.identity import Identity
from chat.identity.credentials import still_valid
from chat.live import db
from chat.live.hub import current_hub
from chat.models import Room
from chat.protocol import events
from chat.protocol.errors import ChatError
from chat.protocol.fields import Slug
from chat.queries.history import resumed_after
from chat.queries.rooms import epoch

# Pause before a request that woke up without a change reads again.
AGAIN_SECONDS = 0.1

router = Router(tags=["Messages"], auth=signed_in)


@router.get("/rooms/{room}/changes", response=events.Resumed)
async def changes(request: AuthedRequest, room: Slug, query: Query[ChangesQuery]) -> HttpResponse:
    """Every change after `after_rev`, in `rev` order. Pass the `rev` of the answer as `after_rev` next time.

    With `wait`, the answer comes as soon as something changed, or empty after that many seconds. `complete` false, as
    on the socket: there were too many changes, or `after_rev` is from before a backup was restored; load the history
    again.
    """
    found, row = await db.run(_look, request.auth, room, query)
    if query.wait and not _has_news(found):
        release_thread()
        with waiting(request.auth.user.pk):
            try:
                async with asyncio.timeout(query.wait):
                    while not (_has_news(found) or current_hub().draining):
                        # Opened in each iteration: after a backup was restored the room is another object.
                        local = current_hub().rooms.open(row.pk, row.slug, found.rev)
                        with suppress(ChatError):
                            await local.wait_beyond(found.rev)
                        found, _ = await db.run(_look, request.auth, room, query)
                        if not _has_news(found):
                            # The stream was ahead of the database, as it is for a second after a backup was restored.
                            await asyncio.sleep(AGAIN_SECONDS)
            except TimeoutError:
                found, _ = await db.run(_look, request.auth, room, query)
    return json_response(found.encode())


def _look(identity: Identity, slug: str, query: ChangesQuery) -> tuple[events.Resumed, Room]:
    """Read the changes. Access is checked each time: it may be lost while the request waits."""
    if not still_valid(identity):
        raise not_signed_in()
    room = access_room(user=identity.user, slug=slug).room
    trusted = query.epoch is None or query.epoch == epoch()
    return resumed_after(room, query.after_rev if trusted else None), room


def _has_news(found: events.Resumed) -> bool:
    return bool(found.messages) or not found.complete
