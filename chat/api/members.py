"""Endpoints of members: list, add, roles, removals, bans and mutes, and the record of moderation."""

from django.db import transaction
from django.http import HttpResponse
from ninja import Query, Router

from chat.access import access_room
from chat.api.authentication import AuthedRequest, sending, signed_in
from chat.api.errors import json_response
from chat.api.schemas.members import Expulsion, Member, MemberChange, Members, Muting, RecordsQuery
from chat.live import db, room_lists
from chat.live.direct_messages import count_invitation
from chat.live.hub import current_hub
from chat.models import Membership, Participant
from chat.protocol.events import Audit, Bans, stamp
from chat.protocol.fields import Slug, Username
from chat.services import moderation
from chat.services.members import member_invite, member_named, member_role

# The body when the request has none.
NO_CHANGE = MemberChange()
PERMANENTLY = Expulsion()

router = Router(tags=["Members"], auth=signed_in)


@router.get("/rooms/{room}/members", response=Members)
async def list_members(request: AuthedRequest, room: Slug) -> HttpResponse:
    """The members, those online first."""
    found = await room_lists.members(current_hub(), request.auth.user, room)
    return json_response(Members(members=found).model_dump_json())


@router.put("/rooms/{room}/members/{username}", auth=sending, response={200: Member, 201: Member})
async def put_member(
    request: AuthedRequest, room: Slug, username: Username, body: MemberChange = NO_CHANGE
) -> HttpResponse:
    """Add a person to a room you are in (201), or give a member another role (owners). People are added as members;
    pass `role` to change that."""
    if not await db.run(_is_member, request.auth.user, room, username):
        count_invitation(current_hub(), request.auth.user)
    membership, added = await db.run(_put, request.auth.user, room, username, body.role)
    return json_response(_member(membership).model_dump_json(), 201 if added else 200)


@router.delete("/rooms/{room}/members/{username}", auth=sending, response={204: None})
async def remove_member(request: AuthedRequest, room: Slug, username: Username) -> HttpResponse:
    """Remove a member (moderators). They can come back if the room is public."""
    await db.run(moderation.member_kick, user=request.auth.user, room=room, username=username)
    return HttpResponse(status=204)


@router.get("/rooms/{room}/bans", response=Bans)
async def list_bans(request: AuthedRequest, room: Slug, query: Query[RecordsQuery]) -> HttpResponse:
    """The bans in effect, the newest first (moderators)."""
    return json_response((await room_lists.bans(request.auth.user, room, before=query.before)).encode())


@router.get("/rooms/{room}/audit", response=Audit)
async def list_audit(request: AuthedRequest, room: Slug, query: Query[RecordsQuery]) -> HttpResponse:
    """What moderators did in the room, the newest first (moderators)."""
    return json_response((await room_lists.audit(request.auth.user, room, before=query.before)).encode())


@router.put("/rooms/{room}/bans/{username}", auth=sending, response={204: None})
async def ban_member(
    request: AuthedRequest, room: Slug, username: Username, body: Expulsion = PERMANENTLY
) -> HttpResponse:
    """Ban a member, for some minutes or permanently (moderators)."""
    await db.run(
        moderation.member_ban,
        user=request.auth.user,
        room=room,
        username=username,
        minutes=body.minutes,
        reason=body.reason,
    )
    return HttpResponse(status=204)


@router.delete("/rooms/{room}/bans/{username}", auth=sending, response={204: None})
async def unban_member(request: AuthedRequest, room: Slug, username: Username) -> HttpResponse:
    """Lift a ban (moderators)."""
    await db.run(moderation.member_unban, user=request.auth.user, room=room, username=username)
    return HttpResponse(status=204)


@router.put("/rooms/{room}/mutes/{username}", auth=sending, response={204: None})
async def mute_member(request: AuthedRequest, room: Slug, username: Username, body: Muting) -> HttpResponse:
    """Mute a member for some minutes (moderators). They can read, but not write."""
    await db.run(
        moderation.member_mute,
        user=request.auth.user,
        room=room,
        username=username,
        minutes=body.minutes,
        reason=body.reason,
    )
    return HttpResponse(status=204)


@router.delete("/rooms/{room}/mutes/{username}", auth=sending, response={204: None})
async def unmute_member(request: AuthedRequest, room: Slug, username: Username) -> HttpResponse:
    """Unmute a member (moderators)."""
    await db.run(moderation.member_unmute, user=request.auth.user, room=room, username=username)
    return HttpResponse(status=204)


def _is_member(user: Participant, room: str, username: str) -> bool:
    return access_room(user=user, slug=room).room.memberships.filter(user__username__iexact=username).exists()


@transaction.atomic
def _put(user: Participant, room: str, username: str, role: str | None) -> tuple[Membership, bool]:
    present = _is_member(user, room, username)
    if not present:
        member_invite(user=user, room=room, username=username)
    if role is not None and (present or role != Membership.Role.MEMBER):
        member_role(user=user, room=room, username=username, role=role)
    return member_named(access_room(user=user, slug=room).room, username), not present


def _member(membership: Membership) -> Member:
    until = membership.muted_until
    return Member(
        username=membership.user.username,
        display_name=membership.user.shown_name,
        show_username=membership.user.name_shared,
        role=membership.role,
        muted_until=stamp(until) if until else None,
    )
