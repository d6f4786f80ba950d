"""Endpoints of signing in: tokens, tickets, and the caller's own account."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

from chat.api.authentication import AuthedRequest, signed_in
from chat.api.errors import HttpCode, HttpRefusal, json_response
from chat.api.schemas import AccessToken, Credentials, Me, TicketIssued
from chat.identity import jwt, tickets
from chat.identity.participants import participant_of
from chat.identity.passwords import TooManyAttempts, check_password
from chat.live import db
from chat.models import Ticket
from chat.protocol.errors import ChatError, Code
from chat.queries.rooms import epoch
from lib import client_address

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


@router.post("/ticket", auth=signed_in, response=TicketIssued)
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
