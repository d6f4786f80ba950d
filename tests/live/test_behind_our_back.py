"""Changes that other programs write to the database reach open sockets, although no notification is sent."""

import asyncio
from collections.abc import Callable, Generator

import pytest

from support.servers import Server
from support.wire import NO_LIMITS, SERVE, Place


@pytest.fixture(scope="module")
def place(start_server: Callable[..., Server]) -> Generator[Place]:
    with start_server(env=NO_LIMITS, command=SERVE) as server:
        yield Place(server)


async def test_what_a_command_posts_in_its_transaction_is_heard(place: Place) -> None:
    script = (
        "from django.contrib.auth.models import Group; from django.db import transaction; "
        "from chat.models import Participant; from chat.public import add, post, room_for; "
        "eve = Participant.objects.get(username='eve'); order, _ = Group.objects.get_or_create(name='Order 7'); "
        "transaction.set_autocommit(False); room = room_for(order); add(room, eve); "
        "post(room, eve, 'Your order is on its way.'); transaction.commit(); print(room.slug)"
    )
    async with place.enter("eve") as eve:
        slug = (await asyncio.to_thread(place.run, script)).split()[-1]
        assert (await eve.next("rooms"))["rooms"][0]["room"] == slug
        # The room is new to the socket, so its entry may already contain the first message.
        again = script.replace("Your order is on its way.", "It is here.")
        await asyncio.to_thread(place.run, again)
        assert (await eve.next("message", kind="text", message="It is here."))["username"] == "eve"


@pytest.mark.parametrize("change", ["is_active=False", "password='pbkdf2$of$another'"])
async def test_an_update_that_sends_no_signal_closes_the_sockets_it_concerns(place: Place, change: str) -> None:
    name = "fay" if "active" in change else "ida"
    token = place.run(
        "from chat.identity import jwt; from chat.models import Participant; "
        f"print(jwt.issue(Participant.objects.get(username='{name}')))"
    ).split()[-1]
    async with place.enter(token) as socket:
        await asyncio.to_thread(
            place.run, f"from accounts.models import User; User.objects.filter(username='{name}').update({change})"
        )
        assert await socket.closed() == 4010
