"""Mounts the tutorial servers in the main application; the one with tokens uses the chat's accounts."""

from typing import Any

from channels.routing import URLRouter
from django.urls import re_path

from chat.identity import credentials, jwt
from chat.identity.participants import participant_of
from chat.identity.passwords import TooManyAttempts, check_password
from chat.live import db
from playground.members import Members
from playground.plain_http import TokenEndpoint
from playground.routing import websocket_urlpatterns

TOKEN_PATH = "/ws/playground/members/token"  # noqa: S105 -- an address


class Accounts:
    """`playground.members.Doorkeeper` for the chat's accounts."""

    async def sign_in(self, *, username: str, password: str, address: str | None) -> str | None:
        """Return a token for the account, or None; failed attempts are limited."""
        return await db.sign_in(_token, username, password, address)

    async def name_of(self, token: str) -> str | None:
        """Return the username of a token, or None."""
        identity = await db.run(credentials.identify, headers={}, cookies={}, query={"token": token})
        return identity.user.username if identity else None


def beside(sockets: Any) -> URLRouter:
    """Return a router for the tutorial servers, then for the chat's `sockets`."""
    Members.doorkeeper = Accounts()
    return URLRouter([*websocket_urlpatterns, re_path(r"", sockets)])


token_endpoint = TokenEndpoint(Accounts())


def _token(username: str, password: str, address: str | None) -> str | None:
    try:
        user = check_password(username=username, password=password, address=address)
    except TooManyAttempts:
        return None
    return jwt.issue(participant_of(user)) if user else None
