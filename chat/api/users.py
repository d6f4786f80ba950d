"""Endpoint of people: search for someone to write to."""

from django.http import HttpResponse
from ninja import Query, Router

from chat.api.authentication import AuthedRequest, signed_in
from chat.api.errors import json_response
from chat.api.schemas import People, PeopleQuery, Person
from chat.live import db
from chat.queries.directory import people_named

router = Router(tags=["People"], auth=signed_in)


@router.get("/people", response=People)
async def list_people(request: AuthedRequest, query: Query[PeopleQuery]) -> HttpResponse:  # noqa: ARG001 -- must have this name
    """People whose username or shown name begins with `q`, at most 20."""
    found = await db.run(people_named, query.q)
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
