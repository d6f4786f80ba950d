"""Endpoints of rooms: list, create, change, archive, join, leave, preferences."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from django.http import HttpResponse
from ninja import Query, Router

from chat.access import Access, access_room
from chat.api.authentication import AuthedRequest, sending, signed_in
from chat.api.errors import json_response, refusals
from chat.api.schemas.files import Picture
from chat.api.schemas.messages import ReadUpTo
from chat.api.schemas.rooms import (
    MyRooms,
    NewRoom,
    Preferences,
    PublicRoom,
    PublicRooms,
    RoomChange,
    RoomsQuery,
    RoomView,
)
from chat.live import db
from chat.live.hub import current_hub
from chat.live.join_limits import pay_for_joining, pay_for_room
from chat.models import Membership, Participant
from chat.protocol.errors import Code
from chat.protocol.events import stamp
from chat.protocol.fields import Slug
from chat.queries.directory import (
    Listed,
    archived_rooms,
    group_title,
    members_count,
    other_of_direct,
    others_of_group,
    public_rooms,
)
from chat.queries.profiles import picture_address, profile_of
from chat.queries.rooms import room_entries
from chat.services.members import member_notify, room_join, room_leave
from chat.services.pictures import room_picture_remove, room_picture_set
from chat.services.read_state import ReadMark, marks_save, rooms_read
from chat.services.rooms import room_create, room_update

router = Router(tags=["Rooms"], auth=signed_in)


@router.get("/rooms", response=MyRooms | PublicRooms)
async def list_rooms(request: AuthedRequest, query: Query[RoomsQuery]) -> HttpResponse:
    """Your rooms, with their unread counts; or, with `scope=public`, the rooms that everyone can join, and with
    `scope=archived` the archived ones that you may read."""
    find = {"mine": _mine, "public": _public, "archived": _archived}[query.scope]
    return json_response((await db.run(find, request.auth.user)).model_dump_json())


@router.post("/rooms", response={201: RoomView} | refusals(Code.CONFLICT))
async def create_room(request: AuthedRequest, body: NewRoom) -> HttpResponse:
    """Create a room. You become its owner. Without `room`, its slug is derived from the title, which may be in any
    script."""
    user = request.auth.user
    wishes = {"slug": body.room or "", "kind": body.kind, "title": body.title, "topic": body.topic}
    made = await db.run(room_create, creator=user, **wishes, pay=partial(pay_for_room, current_hub(), user))
    return await _answer(user, made.slug, status=201)


@router.get("/rooms/{room}", response=RoomView)
async def show_room(request: AuthedRequest, room: Slug) -> HttpResponse:
    """One room, as you see it."""
    return await _answer(request.auth.user, room)


@router.patch("/rooms/{room}", auth=sending, response={200: RoomView} | refusals(Code.CONFLICT))
async def change_room(request: AuthedRequest, room: Slug, body: RoomChange) -> HttpResponse:
    """Change the topic (moderators), or the title, the address, the emoji, the description, who may write and how
    often, how long messages are kept, and whether the room is archived (owners). 409: another room has the address, or
    had it before."""
    user = request.auth.user
    changes = body.model_dump(exclude_unset=True)
    if "keep_days" in changes:
        changes["keep_days"] = changes["keep_days"] or 0
    await db.run(room_update, user=user, room=room, pay=partial(pay_for_room, current_hub(), user), **changes)
    return await _answer(user, room)


@router.put("/rooms/{room}/picture", auth=sending, response=RoomView)
async def set_room_picture(request: AuthedRequest, room: Slug, body: Picture) -> HttpResponse:
    """Make a picture that you uploaded that of the room (owners): its middle, as a square."""
    user = request.auth.user
    await db.on_media(room_picture_set, user=user, room=room, key=body.file)
    return await _answer(user, room)


@router.delete("/rooms/{room}/picture", auth=sending, response=RoomView)
async def remove_room_picture(request: AuthedRequest, room: Slug) -> HttpResponse:
    """Take the picture of the room away (owners)."""
    user = request.auth.user
    await db.run(room_picture_remove, user=user, room=room)
    return await _answer(user, room)


@router.delete("/rooms/{room}", auth=sending, response=RoomView)
async def archive_room(request: AuthedRequest, room: Slug) -> HttpResponse:
    """Archive the room. It can still be read, and its owner can restore it."""
    user = request.auth.user
    await db.run(room_update, user=user, room=room, archived=True)
    return await _answer(user, room)


@router.post("/rooms/{room}/join", response=RoomView)
async def join_room(request: AuthedRequest, room: Slug) -> HttpResponse:
    """Become a member of a public room. Joining twice changes nothing."""
    user = request.auth.user
    await db.run(room_join, user=user, room=room, pay=partial(pay_for_joining, current_hub(), user))
    return await _answer(user, room)


@router.post("/rooms/{room}/leave", auth=sending, response={204: None})
async def leave_room(request: AuthedRequest, room: Slug) -> HttpResponse:
    """Leave the room."""
    await db.run(room_leave, user=request.auth.user, room=room)
    return HttpResponse(status=204)


@router.post("/read", auth=sending, response={204: None})
async def mark_all_read(request: AuthedRequest) -> HttpResponse:
    """Mark all your rooms as read, to their last messages."""
    await db.run(rooms_read, user=request.auth.user)
    return HttpResponse(status=204)


@router.post("/rooms/{room}/read", response={204: None})
async def mark_read(request: AuthedRequest, room: Slug, body: ReadUpTo) -> HttpResponse:
    """Mark the room as read up to `seq`; the mark only moves forward."""
    user = request.auth.user
    access = await db.run(access_room, user=user, slug=room)
    await db.run(marks_save, [ReadMark(user.pk, access.room.pk, body.seq)])
    return HttpResponse(status=204)


@router.patch("/rooms/{room}/me", response=RoomView)
async def set_preferences(request: AuthedRequest, room: Slug, body: Preferences) -> HttpResponse:
    """Set how you attend to this room: notifications, muting, and where it stands in your list."""
    user = request.auth.user
    await db.run(member_notify, user=user, room=room, **dict(body))
    return await _answer(user, room)


async def _answer(user: Participant, slug: str, *, status: int = 200) -> HttpResponse:
    view = await db.run(lambda: room_view(access_room(user=user, slug=slug)))
    return json_response(view.model_dump_json(), status)


def room_view(access: Access) -> RoomView:
    """The room as this member or reader sees it."""
    room, membership, other = access.room, access.membership, other_of_direct(access.room, access.user)
    group = others_of_group(access.room, access.user)
    muted_until = membership.muted_until if membership else None
    return RoomView(
        room=room.slug,
        title=group_title([other] if other else group) if other or group else room.title,
        topic=room.topic,
        kind=room.kind,
        archived=room.archived,
        description=room.description,
        posting=room.posting,
        pinning=room.pinning,
        calling=room.calling,
        adding=room.adding,
        edit_history=room.edit_history,
        replies=room.replies,
        slow_seconds=room.slow_seconds,
        keep_days=room.keep_days or None,
        previews=room.previews,
        seq=room.last_seq,
        rev=room.last_rev,
        members=members_count(room),
        joined=membership is not None,
        username=other.username if other else None,
        show_username=other.name_shared if other else False,
        role=membership.role if membership else None,
        notify=membership.notify if membership else None,
        read_seq=membership.read_seq if membership else None,
        muted_until=stamp(muted_until) if muted_until else None,
        notify_level=membership.level if membership else None,
        muted=membership.muted if membership else False,
        quiet_until=stamp(membership.quiet_until) if membership and membership.quiet_until else None,
        picture=picture_address(profile_of(other).picture if other else room.picture),
        address=room.address,
        emoji=room.emoji,
        **(placed(membership) if membership else {}),
    )


def placed(membership: Membership) -> dict[str, Any]:
    """The room's place in the person's list."""
    return {"hidden_seq": membership.hidden_seq, "starred": membership.starred, "section": membership.section}


def _mine(user: Participant) -> MyRooms:
    return MyRooms(rooms=[held.entry for held in room_entries(user)])


def _public(user: Participant) -> PublicRooms:
    return _directory(public_rooms(user))


def _archived(user: Participant) -> PublicRooms:
    return _directory(archived_rooms(user))


def _directory(rooms: Sequence[Listed]) -> PublicRooms:
    return PublicRooms(
        rooms=[
            PublicRoom(
                room=listed.room.slug,
                title=listed.room.title,
                topic=listed.room.topic,
                kind=listed.room.kind,
                members=listed.members,
                joined=listed.joined,
                address=listed.room.address,
                emoji=listed.room.emoji,
                picture=picture_address(listed.room.picture),
                may_restore=listed.may_restore,
            )
            for listed in rooms
        ]
    )
