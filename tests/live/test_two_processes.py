"""Two server processes over PostgreSQL and Redis act as one service, also while Redis is down or one is killed."""

import asyncio
from collections.abc import Callable, Generator

import psycopg
import pytest

from support.redis import RedisServer
from support.servers import Postgres, Server
from support.wire import NO_LIMITS, SERVE, Frame, Place, Wire, texts

MESSAGES = 100
# Both use the same key; otherwise each would reject what the other signed.
SECRET = "the same in both processes, and long enough"


@pytest.fixture(scope="module")
def database(postgres: Postgres) -> str:
    return postgres.create_database()


@pytest.fixture(scope="module")
def pair(start_server: Callable[..., Server], database: str, redis_url: str) -> Generator[Place]:
    env = NO_LIMITS | {"DATABASE_URL": database, "REDIS_URL": redis_url, "SECRET_KEY": SECRET}
    with start_server(env=env, command=SERVE) as here, start_server(env=env, command=SERVE) as there:
        yield Place(here, there)


async def talk(wire: Wire, room: str, name: str) -> None:
    for n in range(MESSAGES):
        await wire.send("chat_message", room=room, message=f"{name} {n}", client_id=f"{room} {name} {n}")


async def listen(wire: Wire, room: str, count: int) -> list[Frame]:
    """The next `count` messages of a room."""
    return [await wire.next("message", room=room, kind="text") for _ in range(count)]


def assert_same_and_in_order(heard: list[list[Frame]]) -> None:
    first = heard[0]
    revs = [message["rev"] for message in first]
    assert revs == [*range(revs[0], revs[0] + len(revs))], "in the order of rev, nothing twice, no hole"
    for other in heard[1:]:
        assert other == first
    for name in {text.split()[0] for text in texts(first)}:
        mine = [text for text in texts(first) if text.startswith(f"{name} ")]
        assert mine == sorted(mine, key=lambda text: int(text.split()[1])), "each in the order of sending"


async def test_a_burst_from_both_sides_has_one_order_everywhere(pair: Place) -> None:
    room = pair.private()
    async with (
        pair.enter("bob", room, at=0) as bob,
        pair.enter("carl", room, at=1) as carl,
        pair.enter("bob", at=1, batch=True) as all_of_bob,
        pair.enter("carl", at=0, batch=True) as all_of_carl,
    ):
        await asyncio.gather(talk(bob, room, "bob"), talk(carl, room, "carl"))
        heard = await asyncio.gather(
            *(listen(wire, room, 2 * MESSAGES) for wire in (bob, carl, all_of_bob, all_of_carl))
        )
        assert_same_and_in_order(heard)


async def test_the_same_send_over_both_processes_is_one_message(pair: Place) -> None:
    room = pair.private()
    async with pair.enter("bob", room, at=0) as here, pair.enter("bob", room, at=1) as there:
        acks = await asyncio.gather(
            *(wire.ask("chat_message", message="once", client_id=f"once in {room}") for wire in (here, there))
        )
        assert sorted((ack["seq"], ack["duplicate"]) for ack in acks) == [(1, False), (1, True)]


async def test_who_posts_on_one_process_has_read_it_on_the_other(pair: Place) -> None:
    room = pair.private()
    async with (
        pair.enter("bob", room, at=0) as bob,
        pair.enter("carl", at=0) as here,
        pair.enter("carl", at=1) as there,
    ):
        await bob.ask("chat_message", message="one")
        await here.ask("chat_message", room=room, message="two")
        assert await there.next("read", room=room) == {"type": "read", "room": room, "seq": 2}


async def test_what_is_live_crosses_over(pair: Place) -> None:
    room = pair.public()
    async with pair.enter("bob", room, at=0) as bob, pair.enter("bob", at=1) as other:
        async with pair.enter("dora", room, at=1) as dora:
            assert (await bob.next("user_joined"))["username"] == "dora"
            await dora.send("typing", is_typing=True)
            assert (await bob.next("typing"))["username"] == "dora"
            await bob.send("read", seq=1)
            assert (await other.next("read", room=room))["seq"] == 1
            ack = await dora.ask("private_message", to="bob", message="psst")
            for wire in (bob, other):
                assert (await wire.next("message", room=ack["room"]))["message"] == "psst"
            await bob.command("kick", username="dora")
            assert (await dora.next("left_room", room=room))["reason"] == "kicked"
            await bob.ask("chat_message", message="she is gone")
            assert "she is gone" not in texts(await dora.rest())
        async with pair.enter("ada", at=1) as ada:
            await ada.ask("broadcast", message="tea is ready")
            assert (await bob.next("announcement"))["message"] == "tea is ready"


async def test_a_new_name_is_sent_to_everyone_who_shares_a_room(pair: Place) -> None:
    room = pair.private()
    rename = "from chat.models import *; from chat.services.profile import profile_update; of = Participant.objects.get"
    async with (
        pair.enter("bob", at=0) as bob,
        pair.enter("carl", room, at=1) as carl,
        pair.enter("eve", at=1) as eve,
    ):
        pair.run(f"{rename}; profile_update(user=of(username='bob'), display_name='Bob the Builder')")
        for wire in (bob, carl):
            person = await wire.next("person")
            assert (person["username"], person["display_name"]) == ("bob", "Bob the Builder")
            assert person["user_id"] == bob.hello["user_id"]
            assert "show_username" not in person
        pair.run(f"{rename}; profile_update(user=of(username='eve'), display_name='Bob the Builder')")
        assert (await carl.next("person"))["show_username"], "eve, whom carl does not know, looks like bob now"
        assert [(one["username"], one["show_username"]) for one in await eve.rest() if one["type"] == "person"] == [
            ("eve", True)
        ], "and of bob she hears nothing"


async def test_nothing_is_lost_and_no_socket_closed_while_redis_is_gone(pair: Place, redis_server: RedisServer) -> None:
    room, kicked_from = pair.private(), pair.private()
    async with (
        pair.enter("bob", room, at=0) as bob,
        pair.enter("carl", room, at=1) as carl,
        pair.enter("carl", kicked_from, at=1) as single,
    ):
        with redis_server.stopped():
            for n in range(3):
                assert (await bob.ask("chat_message", message=f"bob {n}"))["type"] == "ack"
                assert (await carl.next("message"))["message"] == f"bob {n}"
            await bob.command("kick", room=kicked_from, username="carl")
            assert await single.closed() == 4003, "what a person may do is compared as well"
            async with pair.enter("carl", room, at=0) as late:
                assert (await late.ask("chat_message", message="I am new"))["type"] == "ack"
            await asyncio.gather(talk(bob, room, "bob"), talk(carl, room, "carl"))
            heard = await asyncio.gather(*(listen(wire, room, 2 * MESSAGES + 1) for wire in (bob, carl)))
            assert texts(heard[0])[-1] == texts(heard[1])[-1]
        await asyncio.gather(talk(bob, room, "back"), talk(carl, room, "again"))
        last = (f"again {MESSAGES - 1}", f"back {MESSAGES - 1}")
        for told in await asyncio.gather(*(until_told(wire, *last) for wire in (bob, carl))):
            revs = [one["rev"] for one in told if one["type"] == "message"]
            assert revs == sorted(set(revs))
        assert (await bob.ask("ping"))["type"] == (await carl.ask("ping"))["type"] == "pong"


async def until_told(wire: Wire, *last: str) -> list[Frame]:
    """Read until these messages arrived; returns every frame of this socket."""
    while not set(last) <= set(texts(wire.heard)):
        await wire.receive()
    return wire.heard


async def test_a_redis_that_hangs_delays_no_socket(pair: Place, redis_server: RedisServer) -> None:
    room = pair.private()
    async with pair.enter("bob", room, at=0) as bob, pair.enter("carl", room, at=1) as carl:
        with redis_server.paused():
            await asyncio.gather(talk(bob, room, "bob"), talk(carl, room, "carl"))
            heard = await asyncio.gather(*(listen(wire, room, 2 * MESSAGES) for wire in (bob, carl)))
            assert_same_and_in_order(heard)


async def test_the_people_of_a_killed_process_go_offline(
    start_server: Callable[..., Server], pair: Place, database: str, redis_url: str
) -> None:
    env = NO_LIMITS | {"DATABASE_URL": database, "REDIS_URL": redis_url, "SECRET_KEY": SECRET}
    with start_server(env=env, command=SERVE) as doomed:
        pair.servers = (*pair.servers[:2], doomed)
        room = "public-0"
        async with pair.enter("bob", room, at=0) as bob, pair.enter("bob", at=1) as other:
            async with pair.enter("carl", room, at=2) as carl:
                await crosses(carl, bob)
            async with pair.dial("ida", f"/ws/chat/{room}/", at=2) as ida:
                await ida.next("history")
                # A departure is sent only to sockets that saw the arrival.
                while (await patiently(bob, "user_joined"))["username"] != "ida":
                    pass
                while (await other.next("presence"))["users"].get("ida") != "online":
                    pass
                doomed.kill()
                assert await ida.closed() == 1006
            # Its lease would end within 15 s; here the database's clock is moved on instead.
            with psycopg.connect(database, autocommit=True) as connection:
                gone = connection.execute(
                    "UPDATE chat_processlease SET expires_at = now() - interval '1 second' WHERE pid = %s",
                    [doomed.pid],
                )
                assert gone.rowcount == 1
            # People from the tests before this one may still be leaving.
            while (await patiently(bob, "user_left"))["username"] != "ida":
                pass
            while (await patiently(other, "presence"))["users"].get("ida") != "offline":
                pass


async def crosses(there: Wire, here: Wire) -> None:
    """Wait until live-only events reach the other process: Redis was down in the tests before this one, and a process
    may need ten seconds to reconnect."""
    for n in range(100):
        await there.send("typing", is_typing=n % 2 == 0)
        try:
            async with asyncio.timeout(0.3):
                await here.next("typing")
        except TimeoutError:
            continue
        return
    raise TimeoutError("typing")


async def patiently(wire: Wire, kind: str) -> Frame:
    """The next event of a kind, which may take as long as it takes to go offline."""
    for _ in range(3):
        try:
            return await wire.next(kind)
        except TimeoutError:
            continue
    raise TimeoutError(kind)
