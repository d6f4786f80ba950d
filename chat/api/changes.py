"""What changed after a number: for bots without a socket."""

import asyncio

from django.http import HttpResponse
from ninja import Query, Router

from accounts.credentials import Identity, still_valid
from chat.access import access_room
from chat.api.authentication import AuthedRequest, not_signed_in, signed_in
from chat.api.errors import json_response
from chat.api.long_poll import release_thread, waiting_for
from chat.api.schemas import ChangesQuery
from chat.live import db
from chat.live.hub import current_hub
from chat.protocol import events
from chat.protocol.fields import Slug
from chat.queries.history import resumed_after
from chat.queries.rooms import epoch

router = Router(tags=["Messages"], auth=signed_in)


@router.get("/rooms/{room}/changes", response=events.Resumed)
async def changes(request: AuthedRequest, room: Slug, query: Query[ChangesQuery]) -> HttpResponse:
    """Every change after `after_rev`, in `rev` order; ask again with the `rev` of the answer.

    With `wait`, the answer comes as soon as something changed, or empty after so many seconds. `complete` false, as on
    the socket: there was too much, or the number is from before a backup was restored; load the history anew.
    """
    deadline = _now() + query.wait
    found, room_id = await db.run(_look, request.auth, room, query)
    if query.wait and not _worth_telling(found):
        release_thread()
        with waiting_for(room_id, rev=found.rev, user_id=request.auth.user.pk) as waiter:
            while True:
                # First thing, too: what came between the first look and now woke nobody.
                waiter.changed.clear()
                found, _ = await db.run(_look, request.auth, room, query)
                waiter.rev = found.rev
                left = deadline - _now()
                # A process that stops does not wait for those who wait.
                if _worth_telling(found) or left <= 0 or current_hub().draining:
                    break
                await _either(waiter.changed, left)
    return json_response(found.encode())


def _look(identity: Identity, slug: str, query: ChangesQuery) -> tuple[events.Resumed, int]:
    """Whoever waits may lose their access meanwhile, so that is asked at every look."""
    if not still_valid(identity):
        raise not_signed_in()
    room = access_room(user=identity.user, slug=slug).room
    trusted = query.epoch is None or query.epoch == epoch()
    return resumed_after(room, query.after_rev if trusted else None), room.pk


def _worth_telling(found: events.Resumed) -> bool:
    return bool(found.messages) or not found.complete


async def _either(changed: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(changed.wait(), seconds)
    except TimeoutError:
        return


def _now() -> float:
    return asyncio.get_running_loop().time()
