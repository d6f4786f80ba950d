"""Endpoints of people: search, cards, one's own status and profile, blocks."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from ninja import Query, Router

from chat.api.authentication import AuthedRequest, sending, signed_in
from chat.api.errors import json_response, refusals
from chat.api.schemas.files import Picture
from chat.api.schemas.people import BlockedPeople, NewGroup, NewStatus, People, PeopleQuery, Person, ProfileChange
from chat.live import db
from chat.models import Participant
from chat.protocol.errors import Code, not_found
from chat.protocol.events import Card, PeopleGroupItem, PeopleGroups, StatusChanged
from chat.protocol.fields import Username
from chat.queries.directory import people_named
from chat.queries.groups import groups_for
from chat.queries.profiles import blocked_by, card_of, status_event
from chat.services.groups import group_end, group_make, group_member
from chat.services.people import person_block, profile_change, status_set
from chat.services.pictures import person_picture_remove, person_picture_set

router = Router(tags=["People"], auth=signed_in)


@router.get("/people", response=People)
async def list_people(request: AuthedRequest, query: Query[PeopleQuery]) -> HttpResponse:  # noqa: ARG001 -- must have this name
    """People whose username or shown name begins with `q`, at most 20; with `staff=true` administrators of the server,
    whom anybody may ask for help."""
    found = await db.run(people_named, query.q, staff=query.staff)
    shown = [
        Person(
            username=user.username,
            display_name=user.shown_name,
            show_username=user.name_shared,
            user_id=user.pk,
        )
        for user in found
    ]
    return json_response(People(people=shown).model_dump_json())


@router.get("/people/{username}", response=Card)
async def show_person(request: AuthedRequest, username: Username) -> HttpResponse:
    """What a person says of themselves, and the rooms that you share."""
    return json_response((await db.run(_card, request.auth.user, username)).model_dump_json())


@router.get("/groups", response=PeopleGroups)
async def list_groups(request: AuthedRequest) -> HttpResponse:
    """The groups of people that a message can mention by one name."""
    return json_response((await db.run(groups_for, request.auth.user)).model_dump_json())


@router.put("/groups/{handle}", auth=sending, response={201: PeopleGroupItem} | refusals(Code.CONFLICT))
async def make_group(request: AuthedRequest, handle: Username, body: NewGroup) -> HttpResponse:
    """Make a group (administrators)."""
    made = await db.run(group_make, user=request.auth.user, handle=handle, title=body.title)
    shown = PeopleGroupItem(handle=made.handle, title=made.title, people=0, mine=False)
    return json_response(shown.model_dump_json(), 201)


@router.delete("/groups/{handle}", auth=sending, response={204: None})
async def end_group(request: AuthedRequest, handle: Username) -> HttpResponse:
    """Remove a group (administrators)."""
    await db.run(group_end, user=request.auth.user, handle=handle)
    return HttpResponse(status=204)


@router.put("/groups/{handle}/people/{username}", auth=sending, response={204: None})
async def add_to_group(request: AuthedRequest, handle: Username, username: Username) -> HttpResponse:
    """Put a person into a group (administrators)."""
    await db.run(group_member, user=request.auth.user, handle=handle, username=username, on=True)
    return HttpResponse(status=204)


@router.delete("/groups/{handle}/people/{username}", auth=sending, response={204: None})
async def take_from_group(request: AuthedRequest, handle: Username, username: Username) -> HttpResponse:
    """Take a person out of a group (administrators)."""
    await db.run(group_member, user=request.auth.user, handle=handle, username=username, on=False)
    return HttpResponse(status=204)


@router.put("/me/status", auth=sending, response=StatusChanged)
async def set_status(request: AuthedRequest, body: NewStatus) -> HttpResponse:
    """Set your status and presence. Fields that are left out stay."""
    wanted: dict[str, Any] = body.model_dump(exclude_unset=True)
    if wanted.get("until"):
        wanted["until"] = datetime.fromisoformat(wanted["until"])
    profile = await db.run(status_set, user=request.auth.user, **wanted)
    return json_response(status_event(profile).encode())


@router.patch("/me/profile", auth=sending, response=Card)
async def change_profile(request: AuthedRequest, body: ProfileChange) -> HttpResponse:
    """Change what you say of yourself. Fields that are left out stay."""
    user = request.auth.user
    await db.run(profile_change, user=user, **body.model_dump(exclude_unset=True))
    return json_response((await db.run(card_of, user, user)).model_dump_json())


@router.put("/me/picture", auth=sending, response={200: Card, **refusals(Code.NOT_FOUND)})
async def set_picture(request: AuthedRequest, body: Picture) -> HttpResponse:
    """Make a picture that you uploaded your own: its middle, as a square. Everyone who is signed in may see it."""
    user = request.auth.user
    await db.on_media(person_picture_set, user=user, key=body.file)
    return json_response((await db.run(card_of, user, user)).model_dump_json())


@router.delete("/me/picture", auth=sending, response=Card)
async def remove_picture(request: AuthedRequest) -> HttpResponse:
    """Take your picture away."""
    user = request.auth.user
    await db.run(person_picture_remove, user=user)
    return json_response((await db.run(card_of, user, user)).model_dump_json())


@router.get("/blocks", response=BlockedPeople)
async def list_blocks(request: AuthedRequest) -> HttpResponse:
    """The people whom you block."""
    return json_response(BlockedPeople(people=await db.run(blocked_by, request.auth.user)).model_dump_json())


@router.put("/blocks/{username}", auth=sending, response=BlockedPeople)
async def block_person(request: AuthedRequest, username: Username) -> HttpResponse:
    """Block a person: they cannot begin a direct message with you. They get no message about it."""
    found = await db.run(person_block, user=request.auth.user, username=username, on=True)
    return json_response(BlockedPeople(people=found).model_dump_json())


@router.delete("/blocks/{username}", auth=sending, response=BlockedPeople)
async def unblock_person(request: AuthedRequest, username: Username) -> HttpResponse:
    """End a block."""
    found = await db.run(person_block, user=request.auth.user, username=username, on=False)
    return json_response(BlockedPeople(people=found).model_dump_json())


def _card(reader: Participant, username: str) -> Card:
    person = Participant.objects.filter(username__iexact=username).first()
    if person is None:
        raise not_found("person")
    return card_of(reader, person)
