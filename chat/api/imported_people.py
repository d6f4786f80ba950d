"""Endpoints that match people imported without an account with accounts here; for administrators with all rights."""

from django.http import HttpResponse
from ninja import Router

from chat.api.authentication import AuthedRequest, sending, signed_in
from chat.api.errors import json_response, refusals
from chat.api.schemas import imports as schemas
from chat.live import db
from chat.models import Participant, PersonMatch
from chat.protocol.errors import Code
from chat.protocol.events import stamp
from chat.services.imports.jobs import check_may_import
from chat.services.imports.matching import match_begin, match_undo, matches

router = Router(tags=["Imports"], auth=signed_in)


@router.get("/imported-people", response=schemas.Matches)
async def list_matches(request: AuthedRequest) -> HttpResponse:
    """The names of imports that were matched with accounts, the newest first, at most 50."""
    return json_response((await db.run(_list, request.auth.user)).model_dump_json())


@router.put("/imported-people/{username}", auth=sending, response={200: schemas.Match} | refusals(Code.CONFLICT))
async def match_person(request: AuthedRequest, username: str, body: schemas.NewMatch) -> HttpResponse:
    """Let an account take over what an import brought under this name. It is done in the background. Repeated, it moves
    what came since."""
    return json_response((await db.run(_begin, request.auth.user, username, body.account)).model_dump_json())


@router.delete("/imported-people/{username}", auth=sending, response={200: schemas.Match} | refusals(Code.CONFLICT))
async def unmatch_person(request: AuthedRequest, username: str) -> HttpResponse:
    """Give back to the name what went over to the account."""
    return json_response((await db.run(_undo, request.auth.user, username)).model_dump_json())


def _list(user: Participant) -> schemas.Matches:
    check_may_import(user)
    return schemas.Matches(people=[_facts(match) for match in matches()])


def _begin(user: Participant, username: str, account: str) -> schemas.Match:
    match = match_begin(actor=user, imported=username, account=account)
    match.refresh_from_db(fields=["created_at"])
    return _facts(match)


def _undo(user: Participant, username: str) -> schemas.Match:
    return _facts(match_undo(actor=user, imported=username))


def _facts(match: PersonMatch) -> schemas.Match:
    return schemas.Match(
        username=match.imported.username,
        account=match.account.username,
        by=match.by.username if match.by else None,
        **{name: getattr(match, name) for name in ("state", "done", "problem")},
        created_at=stamp(match.created_at),
        ended_at=stamp(match.ended_at) if match.ended_at else None,
    )
