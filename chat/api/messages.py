"""Endpoints of messages: read pages of them, post, edit, delete, react."""

from typing import Annotated

from django.http import HttpResponse
from ninja import Header, Query, Router

from chat.access import access_room
from chat.api.authentication import AuthedRequest, sending, signed_in
from chat.api.errors import json_response, refusals
from chat.api.schemas.base import Number
from chat.api.schemas.messages import EditedMessage, ForwardTo, ForwardToPerson, GroupPost, NewMessage, PageQuery
from chat.live import db
from chat.live.direct_messages import open_direct, open_group
from chat.live.hub import current_hub
from chat.models import Message, Participant
from chat.protocol import events
from chat.protocol.errors import ChatError, Code
from chat.protocol.fields import Emoji, LinkUrl, Slug, Token, Username
from chat.queries.dates import seq_at
from chat.queries.message_states import message_states
from chat.queries.threads import history_of
from chat.services.link_previews import preview_remove
from chat.services.messages import Changed, message_delete, message_edit, message_react
from chat.services.posting import Draft
from chat.services.versions import versions_of

router = Router(tags=["Messages"])

IdempotencyKey = Annotated[
    Token | None, Header(alias="Idempotency-Key", description="Serves as `client_id`: makes a send safe to repeat.")
]
Posted = {201: events.Message, 200: events.Message} | refusals(Code.CONFLICT)


@router.get("/rooms/{room}/messages", auth=signed_in, response=events.History)
async def read_history(request: AuthedRequest, room: Slug, query: Query[PageQuery]) -> HttpResponse:
    """A page of messages in `seq` order: the newest, or those next to a `seq`."""
    return json_response((await db.run(_page, request.auth.user, room, query)).encode())


@router.post("/rooms/{room}/messages", auth=sending, response=Posted)
async def post_message(
    request: AuthedRequest, room: Slug, body: NewMessage, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Post a message. Sending it again with the same `client_id` returns the first one (200)."""
    return await _post(request.auth.user, room, body, client_id_of(body, idempotency_key))


@router.post("/direct/{username}/messages", auth=sending, response=Posted)
async def post_direct_message(
    request: AuthedRequest, username: Username, body: NewMessage, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Send a direct message. The conversation is created with the first one."""
    user, client_id = request.auth.user, client_id_of(body, idempotency_key)
    room = await open_direct(current_hub(), user, username)
    return await _post(user, room.slug, body, client_id)


@router.post("/group/messages", auth=sending, response=Posted)
async def post_group_message(
    request: AuthedRequest, body: GroupPost, idempotency_key: IdempotencyKey = None
) -> HttpResponse:
    """Send a message to the one group conversation of exactly these people. It is created with the first."""
    user, client_id = request.auth.user, client_id_of(body, idempotency_key)
    room = await open_group(current_hub(), user, body.to)
    return await _post(user, room.slug, body, client_id)


@router.patch("/rooms/{room}/messages/{seq}", auth=sending, response=events.Message)
async def edit_message(request: AuthedRequest, room: Slug, seq: Number, body: EditedMessage) -> HttpResponse:
    """Replace the text of your own message."""
    return await changed_message(
        await db.run(message_edit, user=request.auth.user, room=room, seq=seq, text=body.message)
    )


@router.get("/rooms/{room}/messages/{seq}/versions", auth=signed_in, response=events.Versions)
async def read_versions(request: AuthedRequest, room: Slug, seq: Number) -> HttpResponse:
    """The texts of a message, the oldest first, the last as it is now: of your own, as a moderator, or where the room
    lets all members read them."""
    return json_response((await db.run(versions_of, user=request.auth.user, room=room, seq=seq)).encode())


@router.delete("/rooms/{room}/messages/{seq}", auth=sending, response=events.Message)
async def delete_message(request: AuthedRequest, room: Slug, seq: Number) -> HttpResponse:
    """Permanently delete your own message (moderators: anyone's). Its position in the history remains."""
    return await changed_message(await db.run(message_delete, user=request.auth.user, room=room, seq=seq))


@router.put("/rooms/{room}/messages/{seq}/reactions/{emoji}", auth=sending, response=events.Message)
async def put_reaction(request: AuthedRequest, room: Slug, seq: Number, emoji: Emoji) -> HttpResponse:
    """React with an emoji."""
    return await changed_message(
        await db.run(message_react, user=request.auth.user, room=room, seq=seq, emoji=emoji, on=True)
    )


@router.delete("/rooms/{room}/messages/{seq}/reactions/{emoji}", auth=sending, response=events.Message)
async def remove_reaction(request: AuthedRequest, room: Slug, seq: Number, emoji: Emoji) -> HttpResponse:
    """Remove your reaction."""
    return await changed_message(
        await db.run(message_react, user=request.auth.user, room=room, seq=seq, emoji=emoji, on=False)
    )


@router.delete("/rooms/{room}/messages/{seq}/previews", auth=sending, response=events.Message)
async def remove_preview(request: AuthedRequest, room: Slug, seq: Number, url: LinkUrl | None = None) -> HttpResponse:
    """Remove the preview of an address from your own message (moderators: from anyone's), or all of them."""
    return await changed_message(await db.run(preview_remove, user=request.auth.user, room=room, seq=seq, url=url))


def _page(user: Participant, slug: str, query: PageQuery) -> events.History:
    room = access_room(user=user, slug=slug).room
    asked = query.model_dump(exclude={"at"})
    if query.at is not None:
        asked["around"] = seq_at(room, query.at)
    return history_of(room, **asked)


async def _post(user: Participant, room: str, body: NewMessage, client_id: str | None) -> HttpResponse:
    return await post_draft(
        Draft(
            user,
            room,
            body.message,
            client_id,
            body.reply_to,
            files=tuple(body.files),
            thread=body.thread,
            in_room=body.thread is None or bool(body.in_room),
        )
    )


async def post_draft(draft: Draft) -> HttpResponse:
    """Post a message, and respond with its state."""
    posted = await current_hub().writer.post(draft)
    if posted.duplicate:
        # Check again: the author may have lost access to the room since, and must not see its later changes.
        await db.run(access_room, user=draft.author, slug=posted.room)
    return await _state(posted.room, posted.seq, status=200 if posted.duplicate else 201)


def client_id_of(body: NewMessage | ForwardTo | ForwardToPerson, idempotency_key: str | None) -> str | None:
    """The `client_id` of the body, or the key of the header.

    Raises:
        ChatError: `invalid` when both are given and differ.
    """
    if body.client_id and idempotency_key and body.client_id != idempotency_key:
        problem = "differs from the header Idempotency-Key"
        raise ChatError(Code.INVALID, f"client_id: {problem}.", fields={"client_id": problem})
    return idempotency_key or body.client_id


async def changed_message(changed: Changed) -> HttpResponse:
    """The response to a change: the state of the message after it."""
    return json_response(changed.state.encode()) if changed.state else await _state(changed.room, changed.seq)


async def _state(room: str, seq: int, *, status: int = 200) -> HttpResponse:
    """The current state of a message. The caller has already checked that the user may see it."""
    states = await db.run(message_states, Message.objects.filter(room__slug=room, seq=seq))
    return json_response(states[0].encode(), status)
