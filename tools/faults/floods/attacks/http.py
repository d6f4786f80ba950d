"""Requests without end: the API, the pages, and handshakes."""

import itertools
from collections.abc import Sequence
from typing import Any

from tools.faults.floods.asking import Asking
from tools.faults.floods.target import ENDED, Target

Request = tuple[str, str, Any]

API: Sequence[Request] = (
    ("GET", "/api/v1/rooms", None),
    ("GET", "/api/v1/rooms?scope=public", None),
    ("GET", "/api/v1/rooms/lobby", None),
    ("GET", "/api/v1/rooms/lobby/members", None),
    ("GET", "/api/v1/rooms/lobby/messages?limit=100", None),
    ("GET", "/api/v1/rooms/lobby/changes?after_rev=0", None),
    ("POST", "/api/v1/rooms/lobby/messages", {"message": "flood"}),
    ("PUT", "/api/v1/rooms/lobby/messages/1/reactions/%F0%9F%91%8D", None),
    ("GET", "/api/v1/rooms/lobby/threads", None),
    ("GET", "/api/v1/rooms/lobby/threads/1/messages", None),
    ("PUT", "/api/v1/rooms/lobby/threads/1/follow", None),
    ("DELETE", "/api/v1/rooms/lobby/messages/1/reactions/%F0%9F%91%8D", None),
    ("DELETE", "/api/v1/rooms/lobby/messages/1/previews", None),
    ("PUT", "/api/v1/rooms/lobby/messages/1/pin", None),
    ("DELETE", "/api/v1/rooms/lobby/messages/1/pin", None),
    ("GET", "/api/v1/rooms/lobby/pins", None),
    ("GET", "/api/v1/rooms/lobby/messages/1/versions", None),
    ("POST", "/api/v1/rooms/lobby/messages/1/forward", {"to_room": "lobby"}),
    ("GET", "/api/v1/emoji", None),
    ("PUT", "/api/v1/rooms/lobby/messages/1/saved", {}),
    ("DELETE", "/api/v1/rooms/lobby/messages/1/saved", None),
    ("GET", "/api/v1/saved", None),
    ("PATCH", "/api/v1/rooms/lobby/me", {"notify": "all"}),
    ("PATCH", "/api/v1/rooms/lobby/me", {"notify": "mentions"}),
    ("POST", "/api/v1/direct/finn/messages", {"message": "flood"}),
    ("POST", "/api/v1/ticket", None),
    ("GET", "/api/v1/me", None),
)
STRANGERS: Sequence[Request] = (
    ("POST", "/api/v1/token", {"username": "ada", "password": "wrong"}),
    ("GET", "/accounts/login/", None),
    ("GET", "/accounts/signup/", None),
    ("GET", "/api/v1/openapi.json", None),
    ("GET", "/healthz", None),
    ("POST", "/accounts/login/", None),
)


async def api(target: Target) -> None:
    """One person asks for everything the API has, on eight connections."""
    turns = itertools.cycle(API)

    async def ask() -> None:
        async with target.tcp() as streams:
            asking = Asking(target, *streams)
            while target.running:
                method, path, body = next(turns)
                await asking.ask(method, path, body, name="hugo")

    await target.beside(8, ask)


async def pages(target: Target) -> None:
    """A stranger asks for the pages of sign-in, and guesses passwords, on four connections."""
    turns = itertools.cycle(STRANGERS)

    async def ask() -> None:
        async with target.tcp() as streams:
            asking = Asking(target, *streams)
            while target.running:
                await asking.ask(*next(turns))

    await target.beside(4, ask)


async def handshakes(target: Target) -> None:
    """Sockets are opened and left, one after the other, by a member and by a stranger."""

    async def open_one() -> None:
        for name, room in (("hugo", ""), ("hugo", target.room), ("stranger", "")):
            try:
                async with target.socket(name, room) as socket:
                    await socket.recv()
            except ENDED as error:
                target.ended(error)

    target.tokens = dict(target.tokens) | {"stranger": "bc_" + "x" * 40}
    await target.beside(4, open_one)
