"""Endpoints of signing in: tokens, tickets, and the caller's own account."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from chat.api.authentication import AuthedRequest, connecting, sending, signed_in
from chat.api.errors import HttpCode, HttpRefusal, json_response
from chat.api.schemas.base import Number
from chat.api.schemas.people import Me
from chat.api.schemas.tokens import AccessToken, Credentials, IssuedToken, NewToken, OwnToken, OwnTokens, TicketIssued
from chat.identity import Identity, jwt, tickets
from chat.identity.participants import participant_of
from chat.identity.passwords import TooManyAttempts, check_password
from chat.lib import client_address
from chat.live import db
from chat.models import ApiToken, Participant, Ticket
from chat.protocol.errors import ChatError, Code, not_found
from chat.protocol.events import stamp
from chat.queries.rooms import epoch
from chat.services.tokens import own_token_issue, token_revoke

router = Router(tags=["Signing in"])


@router.post("/token", auth=None, response=AccessToken)
async def token(request: HttpRequest, body: Credentials) -> HttpResponse:
    """Exchange a username and a password for a token. It is valid for an hour, and ends at once when the person changes
    the password, signs out everywhere, or is deactivated."""
    return await db.sign_in(_token, body, client_address.of_request(request))


def _token(body: Credentials, origin: str) -> HttpResponse:
    try:
        user = check_password(username=body.username, password=body.password, address=origin)
    except TooManyAttempts as error:
        raise ChatError(Code.RATE_LIMITED, str(error), retry_after=error.retry_after) from None
    if user is None:
        raise HttpRefusal(HttpCode.NOT_SIGNED_IN, "That username and password do not match.")
    lifetime = int(jwt.LIFETIME.total_seconds())
    return json_response(
        AccessToken(access_token=jwt.issue(participant_of(user)), expires_in=lifetime).model_dump_json()
    )


@router.post("/ticket", auth=connecting, response=TicketIssued)
async def ticket(request: AuthedRequest) -> HttpResponse:
    """Issue a ticket that opens one socket, for clients that can set neither header nor cookie:
    `/ws/chat/?ticket=…`."""
    issued = await db.run(tickets.issue, request.auth)
    lifetime = int(Ticket.LIFETIME.total_seconds())
    return json_response(TicketIssued(ticket=issued, expires_in=lifetime).model_dump_json())


@router.get("/me", auth=signed_in, response=Me)
async def me(request: AuthedRequest) -> HttpResponse:
    """Who you are, and the epoch: it changes when a backup was restored, and every `rev` from before is then
    invalid."""
    user = request.auth.user
    found = Me(
        user_id=user.pk,
        username=user.username,
        display_name=user.shown_name,
        staff=user.is_staff,
        epoch=await db.run(epoch),
    )
    return json_response(found.model_dump_json())


@router.get("/tokens", auth=signed_in, response=OwnTokens)
async def list_tokens(request: AuthedRequest) -> HttpResponse:
    """Your tokens that can be used, the newest first."""
    return json_response((await db.run(_tokens, request.auth.user)).model_dump_json())


@router.post("/tokens", auth=sending, response={201: IssuedToken})
async def issue_token(request: AuthedRequest, body: NewToken) -> HttpResponse:
    """Make a token. It is sent this once. A token makes tokens that may do no more than itself, and end with it."""
    return json_response((await db.run(_issue, request.auth, body)).model_dump_json(), 201)


@router.delete("/tokens/{token}", auth=sending, response={204: None})
async def revoke_token(request: AuthedRequest, token: Number) -> HttpResponse:
    """Revoke a token, and those that were made with it. Sockets that were opened with them are closed. A token revokes
    only what may do no more than itself."""
    await db.run(_revoke, request.auth, token)
    return HttpResponse(status=204)


def _tokens(user: Participant) -> OwnTokens:
    return OwnTokens(tokens=[OwnToken(**_facts(token)) for token in ApiToken.objects.usable().filter(user=user)])


def _issue(identity: Identity, body: NewToken) -> IssuedToken:
    lifetime = timedelta(seconds=body.expires_in) if body.expires_in else None
    token, key = own_token_issue(identity=identity, name=body.name, lifetime=lifetime, scopes=body.scopes)
    return IssuedToken(**_facts(token), token=key)


def _revoke(identity: Identity, pk: int) -> None:
    token = ApiToken.objects.filter(user=identity.user, pk=pk, revoked_at=None).first()
    if token is None:
        raise not_found("token")
    if not set(token.scopes.split()) <= identity.scopes:
        raise ChatError(Code.FORBIDDEN, "A token can only revoke tokens that may do no more than itself.")
    token_revoke(token=token)


def _facts(token: ApiToken) -> dict[str, Any]:
    return {
        "id": token.pk,
        "name": token.name,
        "hint": token.hint,
        "scopes": token.scopes.split(),
        "created_at": stamp(token.created_at),
        "last_used_at": stamp(token.last_used_at) if token.last_used_at else None,
        "expires_at": stamp(token.expires_at) if token.expires_at else None,
    }
