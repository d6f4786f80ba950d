"""The cast in front of the API: a public and a private room, and one person in every position towards them."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import httpx
import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.utils import timezone

from chat.identity import throttle
from chat.live import hub
from chat.models import Ban, Membership, Participant, Room
from chat.services.tokens import token_issue
from support import people
from support.servers import Server, shared_postgres
from your_project.asgi import application


@dataclass
class Stage:
    """`alice` owns `garden` (private) and `square` (public), `mona` moderates, `bob` is a member, `mute` may only read,
    `banned` is banned, `charlie` is outside, `gone` is deactivated, `staff` is staff and in neither."""

    users: dict[str, Participant] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, **facts: Any) -> Participant:
        self.add_all({name: facts})
        return self.users[name]

    def add_all(self, facts: Mapping[str, Mapping[str, Any]]) -> None:
        for user in people.persons(facts):
            self.users[user.username] = user
            self.tokens[user.username] = token_issue(user=user, name="test")[1]


@pytest.fixture(autouse=True)
def _no_requests_yet() -> None:
    throttle._memory.cache_clear()
    throttle._redis.cache_clear()


Serve = Callable[..., Server]


@pytest.fixture(scope="session")
def serve(request: pytest.FixtureRequest, start_server: Serve) -> Serve:
    """Start a server on a new database of the kind that this run uses."""

    def serve(**env: str) -> Server:
        if request.config.getoption("--database") == "postgres":
            env["DATABASE_URL"] = shared_postgres().create_database()
        return start_server(env=env)

    return serve


@pytest.fixture
def stage(transactional_db: None) -> Stage:
    stage = Stage()
    stage.add_all(
        {
            "alice": {"display_name": "Alice Arden"},
            "bob": {"display_name": "Bob"},
            "mona": {},
            "mute": {},
            "banned": {},
            "charlie": {"display_name": "Charlie"},
            "gone": {"is_active": False},
            "staff": {"is_staff": True},
        }
    )
    members = [stage.users[name] for name in ("bob", "mona", "mute")]
    for slug, kind in (("garden", Room.Kind.PRIVATE), ("square", Room.Kind.PUBLIC)):
        room = people.room(slug, owner=stage.users["alice"], members=members, kind=kind)
        room.memberships.filter(user__username="mona").update(role=Membership.Role.MODERATOR)
        room.memberships.filter(user__username="mute").update(muted_until=timezone.now() + timedelta(hours=1))
        Ban.objects.create(room=room, user=stage.users["banned"])
    return stage


class Api:
    """The whole server in this process. `await api("bob", "GET", "rooms")`; `None` is an anonymous client."""

    def __init__(self, stage: Stage, http: httpx.AsyncClient) -> None:
        self.stage = stage
        self.http = http

    async def __call__(self, who: str | None, method: str, path: str, **options: Any) -> httpx.Response:
        headers = options.pop("headers", {})
        if who is not None:
            headers = {"Authorization": f"Bearer {self.stage.tokens[who]}"} | headers
        return await self.http.request(method, f"/api/v1/{path}", headers=headers, **options)

    async def say(self, who: str, text: str, room: str = "garden", **facts: Any) -> dict[str, Any]:
        """Post a message that must be accepted; returns its state."""
        response = await self(who, "POST", f"rooms/{room}/messages", json={"message": text, **facts})
        assert response.status_code == 201, response.text
        message: dict[str, Any] = response.json()
        return message


@pytest.fixture
async def api(stage: Stage) -> AsyncGenerator[Api]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(application), base_url="http://testserver") as http:
        yield Api(stage, http)
    started = hub._hubs.pop(asyncio.get_running_loop(), None)
    if started:
        await started.stop()
    # The thread of `sync_to_async` and of the async ORM outlives the test, and so does its connection.
    await sync_to_async(connections.close_all)()
