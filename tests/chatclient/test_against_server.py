"""The client against the real server: each command, and the delivery guarantee through kills and restarts."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from chatclient import (
    Ack,
    Announcement,
    ChatClient,
    Conflict,
    ConnectionPool,
    Disconnected,
    Event,
    Forbidden,
    JoinedRoom,
    LeftRoom,
    Message,
    NoSuchRoom,
    NotFound,
    NotSignedIn,
    Read,
    RoomChanged,
    Rooms,
    SignedOut,
    Thread,
    Timing,
    Typing,
)
from chatclient.terminal import Style, Terminal
from support.password import PASSWORD
from support.servers import Server

StartServer = Callable[..., Server]
# The contract's waits spread out thousands of clients; here there are two.
SOON = Timing(first_delay=0.05, longest_delay=0.3, restart_spread=0.1)
NO_LIMITS = {"CHAT_SEND_LIMIT": "0", "CHAT_CONNECT_LIMIT": "0", "CHAT_SOCKETS_PER_USER": "0"}


def person(server: Server, name: str) -> str:
    """Create an account; returns a token for it."""
    return server.make_people(name)[name]


@pytest.fixture(scope="module")
def server(start_server: StartServer) -> Iterator[Server]:
    with start_server(env=NO_LIMITS) as running:
        yield running


@pytest.fixture(scope="module")
def alice_token(server: Server) -> str:
    return person(server, "alice")  # the first account: an administrator


@pytest.fixture(scope="module")
def bob_token(server: Server, alice_token: str) -> str:
    return person(server, "bob")


def client(server: Server, token: str, room: str | None = "lobby", **options: Any) -> ChatClient:
    return ChatClient(server.url, room=room, token=token, timing=SOON, **options)


async def next_of(client: ChatClient, kind: type[Event], **wanted: Any) -> Any:
    """The next event of this kind with these fields."""
    async with asyncio.timeout(10):
        async for event in client:
            if isinstance(event, kind) and all(getattr(event, name) == value for name, value in wanted.items()):
                return event
    raise AssertionError("The events ended.")


async def all_texts(client: ChatClient, containing: str) -> list[str]:
    """Every matching message of the lobby, read page by page."""
    page = await client.history(limit=100)
    texts = [message.text for message in page.messages]
    while page.has_older:
        page = await client.history(before=page.messages[0].seq, limit=100)
        texts[:0] = [message.text for message in page.messages]
    return [text for text in texts if containing in text]


async def test_alice_and_bob_talk(server: Server, alice_token: str, bob_token: str) -> None:
    async with client(server, alice_token) as alice, client(server, bob_token) as bob:
        first = await alice.send("Good morning")
        heard = await next_of(bob, Message, text="Good morning")
        assert (heard.seq, heard.rev, heard.username) == (first.seq, first.rev, "alice")

        answer = await bob.send("Good morning, @alice", reply_to=first.seq)
        heard = await next_of(alice, Message, seq=answer.seq)
        assert (heard.reply_to, heard.mentions) == (first.seq, ("alice",))

        assert isinstance(await alice.edit(heard.reply_to, "Good evening"), Ack)
        assert (await next_of(bob, Message, seq=first.seq)).text == "Good evening"
        texts = (await alice.versions(heard.reply_to)).versions
        assert [one.message for one in texts] == ["Good morning", "Good evening"]
        assert texts[0].timestamp < texts[1].timestamp
        await bob.react(first.seq or 0, "👍")
        assert (await next_of(alice, Message, seq=first.seq, reactions={"👍": ("bob",)})).text == "Good evening"
        await bob.react(first.seq or 0, "👍", on=False)
        assert (await next_of(bob, Message, seq=first.seq, reactions={})).text == "Good evening"
        passed_on = await bob.forward(heard.reply_to, to="alice", comment="As you said")
        received = await next_of(alice, Message, room=passed_on.room)
        assert received.forwarded
        assert received.text[received.forwarded.start :] == "Good evening"
        in_thread = await bob.forward(heard.reply_to, to_room="lobby", thread=first.seq)
        below = await next_of(alice, Message, seq=in_thread.seq)
        assert (below.thread, below.in_room, below.text) == (first.seq, False, "Good evening")
        await bob.delete(in_thread.seq or 0)
        tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M}"
        waiting = await bob.schedule("Later", tomorrow, "UTC", thread=first.seq, in_room=True)
        assert (waiting.thread, waiting.in_room) == (first.seq, True)
        await bob.cancel_schedule(waiting.id)
        await bob.delete(answer.seq or 0)
        assert (await next_of(alice, Message, seq=answer.seq, deleted=True)).text == ""

        bob.typing()
        assert (await next_of(alice, Typing, username="bob")).is_typing
        # Who is connected is recorded a moment later.
        async with asyncio.timeout(10):
            while "bob" not in [entry.username for entry in (await alice.users()).users if entry.online]:
                await asyncio.sleep(0.05)
        page = await alice.history(around=first.seq, limit=3)
        assert first.seq in [message.seq for message in page.messages]


async def test_the_same_client_id_is_one_message(server: Server, alice_token: str) -> None:
    async with client(server, alice_token) as alice:
        first = await alice.send("only once", client_id="the same")
        again = await alice.send("only once", client_id="the same")
        with pytest.raises(Conflict):
            await alice.send("something else", client_id="the same")

    assert (again.seq, again.duplicate, first.duplicate) == (first.seq, True, False)


async def test_at_the_terminal_a_message_is_forwarded_and_its_texts_are_listed(
    server: Server, alice_token: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with client(server, alice_token) as alice:
        seq = (await alice.send("A first text")).seq or 0
        await alice.edit(seq, "A second text")

    async def typed() -> AsyncIterator[str]:
        for line in (f"/versions {seq}", f"/forward {seq} lobby look here", f"/forward {seq} nowhere"):
            yield line

    refused = await Terminal(client(server, alice_token), style=Style(by_hand=True)).run(typed())
    shown, notices = capsys.readouterr()
    first, second = [line for line in shown.splitlines() if line.endswith("text") and "#" not in line]
    assert (first.endswith("A first text"), second.endswith("A second text")) == (True, True)
    assert "forwarded to lobby as #" in notices
    assert (notices.count("not sent: "), refused) == (1, 1)
    async with client(server, alice_token) as alice:
        page = await alice.history(limit=1)
    [made] = page.messages
    assert made.forwarded
    assert (made.text, made.forwarded.room, made.forwarded.seq) == ("look here\n\nA second text", "lobby", seq)


async def test_at_the_terminal_messages_are_pinned_and_listed(
    server: Server, alice_token: str, capsys: pytest.CaptureFixture[str]
) -> None:
    async with client(server, alice_token) as alice:
        seq = (await alice.send("The plan\x1b[2J")).seq or 0

    async def typed(*lines: str) -> AsyncIterator[str]:
        for line in lines:
            yield line

    async def run(*lines: str) -> tuple[int, str, str]:
        terminal = Terminal(client(server, alice_token), style=Style(by_hand=True))
        return (await terminal.run(typed(*lines)), *capsys.readouterr())

    refused, shown, notices = await run(f"/pin {seq}", "/pins", "/pin 999999")
    listed = shown.splitlines()
    assert listed[listed.index("-- 1 pinned") - 1].endswith(f"lobby #{seq} alice: The plan\ufffd[2J")
    assert f"#{seq} is pinned" in notices
    assert (notices.count("refused: "), refused) == (1, 1)
    refused, shown, notices = await run(f"/unpin {seq}", "/pins", f"/forward {seq} lobby#{seq} once more")
    assert "-- 0 pinned" in shown
    assert (f"#{seq} is not pinned any more" in notices, refused) == (True, 0)
    async with client(server, alice_token) as alice:
        page = await alice.history(thread=seq)
    assert [(message.in_room, message.text) for message in page.messages] == [(False, "once more\n\nThe plan\x1b[2J")]


async def test_at_the_terminal_groups_are_listed_and_written_to(
    server: Server, alice_token: str, bob_token: str, capsys: pytest.CaptureFixture[str]
) -> None:
    person(server, "greta")
    headers = {"Authorization": f"Bearer {alice_token}"}
    async with httpx.AsyncClient(base_url=f"{server.url}/api/v1/groups/", headers=headers) as http:
        assert (await http.put("night-shift", json={"title": "At night"})).status_code == 201
        assert (await http.put("night-shift/people/bob")).status_code == 204
    async with client(server, bob_token) as bob:
        [group] = (await bob.groups()).groups
    assert (group.handle, group.title, group.people, group.mine) == ("night-shift", "At night", 1, True)

    async def typed() -> AsyncIterator[str]:
        for line in ("/groups", "/group @bob,greta tea at four", "/group bob too few"):
            yield line

    refused = await Terminal(client(server, alice_token), style=Style(by_hand=True)).run(typed())
    shown, notices = capsys.readouterr()
    assert "@night-shift At night, 1 person\n-- 1 groups" in shown
    assert "sent to dm-group-" in notices
    assert (notices.count("not sent: "), refused) == (1, 1)


async def test_each_refusal_is_an_exception_of_its_own(server: Server, alice_token: str, bob_token: str) -> None:
    async with client(server, alice_token) as alice, client(server, bob_token) as bob:
        mine = await alice.send("Mine alone")
        with pytest.raises(Forbidden):
            await bob.edit(mine.seq or 0, "Mine too")
        with pytest.raises(NotFound):
            await bob.send("anybody?", room="nowhere")
        with pytest.raises(NotFound):
            await bob.join("nowhere")
        with pytest.raises(Forbidden):
            await bob.command("topic", topic="Mine")
        with pytest.raises(Forbidden):
            await bob.broadcast("Hear, hear")


async def test_staff_speak_to_everybody_and_set_the_topic(server: Server, alice_token: str, bob_token: str) -> None:
    async with client(server, alice_token) as alice, client(server, bob_token) as bob:
        await alice.broadcast("Tea is ready")
        assert (await next_of(bob, Announcement)).text == "Tea is ready"
        await alice.command("topic", topic="Tea")
        assert (await next_of(bob, RoomChanged)).topic == "Tea"


async def test_an_owner_changes_a_room_and_reads_its_record(server: Server, alice_token: str, bob_token: str) -> None:
    async with client(server, alice_token) as alice, client(server, bob_token) as bob:
        await alice.update_room(description="For tea", slow_seconds=0, keep_days=90)
        changed = await next_of(bob, RoomChanged, description="For tea")
        assert (changed.posting, changed.slow_seconds, changed.keep_days) == ("everyone", 0, 90)
        with pytest.raises(Forbidden):
            await bob.set_role("alice", "member")
        assert (await alice.bans()).bans == ()
        newest = (await alice.audit()).entries[0]
        assert (newest.by, newest.action, newest.detail["facts"]["keep_days"]) == ("alice", "room", 90)
        assert newest not in (await alice.audit(before=newest.id)).entries


async def test_all_rooms_on_one_connection(server: Server, alice_token: str, bob_token: str) -> None:
    async with client(server, alice_token, room=None) as alice, client(server, bob_token, room=None) as bob:
        assert "lobby" in [entry.room for entry in (await next_of(bob, Rooms)).rooms]
        ack = await alice.private_message("bob", "Just us")
        assert (await next_of(bob, Message, text="Just us")).room == ack.room

        alice.read(1, room="lobby")
        assert isinstance(await bob.leave("lobby"), LeftRoom)
        assert isinstance(await bob.join("lobby"), JoinedRoom)
        said = await alice.send("Welcome back", room="lobby")
        assert (await next_of(bob, Message, seq=said.seq, room="lobby")).text == "Welcome back"


async def test_a_read_mark_is_sent_to_the_other_window(server: Server, alice_token: str, bob_token: str) -> None:
    async with (
        client(server, alice_token) as here,
        client(server, alice_token) as there,
        client(server, bob_token) as bob,
    ):
        said = await bob.send("Read me")
        await next_of(there, Message, seq=said.seq)
        there.read(said.seq or 0)
        assert (await next_of(here, Read, seq=said.seq)).room == "lobby"
        there.mark_unread(said.seq or 0)
        assert (await next_of(here, Read, unread=True)).seq == (said.seq or 0) - 1


async def test_strangers_are_refused_with_the_reason(server: Server, bob_token: str) -> None:
    with pytest.raises(NotSignedIn):
        async with client(server, "no-such-token"):
            pass
    with pytest.raises(NoSuchRoom):
        async with client(server, bob_token, room="nowhere"):
            pass


async def test_a_revoked_token_ends_the_connection(server: Server) -> None:
    token = person(server, "carol")
    async with client(server, token) as carol:
        server.manage(
            "shell",
            "-v0",
            "-c",
            "from accounts.models import User; from accounts.services import account_deactivate; "
            "account_deactivate(user=User.objects.get(username='carol'))",
        )
        with pytest.raises((SignedOut, NotSignedIn)):
            await next_of(carol, Message, text="never")


def again(server: Server, start_server: StartServer) -> Server:
    """Start the server again with the same data and port."""
    return start_server(env={**NO_LIMITS, "PORT": str(server.port)}, data_dir=server.data_dir)


async def test_numbered_messages_survive_kills_and_restarts(start_server: StartServer) -> None:
    server = start_server(env=NO_LIMITS)
    alice_token, bob_token = person(server, "alice"), person(server, "bob")
    texts = [f"number {number}" for number in range(300)]
    heard: list[str] = []
    acknowledged: list[str] = []
    breaks = 0

    async def listen(bob: ChatClient) -> None:
        nonlocal breaks
        async for event in bob:
            breaks += isinstance(event, Disconnected) and event.code is not None
            if isinstance(event, Message) and event.text.startswith("number"):
                heard.append(event.text)
                if event.text == texts[-1]:
                    return

    async def speak(alice: ChatClient) -> None:
        for number in range(0, len(texts), 10):
            batch = texts[number : number + 10]
            await asyncio.gather(*(alice.submit(text) for text in batch))
            acknowledged.extend(batch)

    try:
        async with client(server, alice_token) as alice, client(server, bob_token) as bob, asyncio.timeout(60):
            listening, speaking = asyncio.create_task(listen(bob)), asyncio.create_task(speak(alice))
            for progress, end in ((40, Server.kill), (150, Server.stop)):
                while len(acknowledged) < progress:
                    await asyncio.sleep(0.005)
                await asyncio.to_thread(end, server)
                server = await asyncio.to_thread(again, server, start_server)
            await asyncio.gather(listening, speaking)
            kept = await all_texts(alice, "number")
    finally:
        server.kill()

    assert acknowledged == texts
    assert kept == texts
    assert heard == texts
    assert breaks >= 2


async def test_a_killed_sender_goes_on_where_it_was(server: Server, alice_token: str, tmp_path: Any) -> None:
    """The outbox file with its `client_id`s: nothing lost or doubled, though the process dies midway."""
    sender = (
        "import asyncio, sys\n"
        "from chatclient import ChatClient\n"
        "async def main():\n"
        "    async with ChatClient(sys.argv[1], room='lobby', token=sys.argv[2], outbox_file=sys.argv[3]) as client:\n"
        "        for number in range(int(sys.argv[4]), int(sys.argv[5])):\n"
        "            client.submit(f'outlived {number:03}').add_done_callback(lambda _: print('ack', flush=True))\n"
        "        await client.drain()\n"
        "asyncio.run(main())\n"
    )
    command = [sys.executable, "-c", sender, server.url, alice_token, str(tmp_path / "outbox")]
    first = subprocess.Popen([*command, "0", "60"], stdout=subprocess.PIPE, text=True)
    assert first.stdout is not None
    for _ in range(15):
        assert first.stdout.readline() == "ack\n"
    os.kill(first.pid, signal.SIGKILL)
    first.communicate()
    second = await asyncio.to_thread(
        subprocess.run, [*command, "60", "80"], capture_output=True, text=True, timeout=30, check=False
    )
    assert second.stderr == ""

    async with client(server, alice_token) as alice:
        assert await all_texts(alice, "outlived") == [f"outlived {number:03}" for number in range(80)]


async def test_a_rate_limit_only_slows_the_client_down(start_server: StartServer) -> None:
    with start_server(env={"CHAT_SEND_LIMIT": "5/1s"}) as server:
        async with client(server, person(server, "alice")) as alice, asyncio.timeout(30):
            await asyncio.gather(*(alice.submit(f"steady {number}") for number in range(12)))
            assert await all_texts(alice, "steady") == [f"steady {number}" for number in range(12)]


async def test_a_pool_sends_over_all_its_connections(server: Server, alice_token: str) -> None:
    async with ConnectionPool(
        [server.url, server.ws_url], size=4, room="lobby", token=alice_token, timing=SOON
    ) as pool:
        assert pool.connected == 4
        await asyncio.gather(*(pool.send(f"pooled {number}") for number in range(100)))
    async with client(server, alice_token) as alice:
        assert sorted(await all_texts(alice, "pooled")) == sorted(f"pooled {number}" for number in range(100))


async def test_a_name_and_a_password_will_do(server: Server, bob_token: str) -> None:
    async with ChatClient(server.url, room="lobby", username="bob", password=PASSWORD, timing=SOON) as bob:
        assert bob.me is not None
        assert bob.me.username == "bob"


async def test_bob_answers_in_a_thread_that_alice_follows(server: Server, alice_token: str, bob_token: str) -> None:
    async with client(server, alice_token) as alice, client(server, bob_token) as bob:
        root = (await alice.send("tea, in a thread?")).seq
        assert root
        ack = await bob.send("yes @alice", thread=root)
        reply = await next_of(alice, Message, seq=ack.seq)
        assert (reply.thread, reply.in_room, reply.reply_to) == (root, False, root)
        part = await next_of(alice, Thread, thread=root)
        assert (part.unread, part.mentions, part.following) == (1, 1, True)
        assert ack.seq not in {message.seq for message in (await bob.history(limit=100)).messages}
        page = await bob.history(thread=root)
        assert [message.seq for message in page.messages] == [ack.seq]
        assert page.root
        assert page.root.replies
        assert page.root.replies.people == ("bob",)
        found = await alice.threads("unread", room="lobby")
        assert [(entry.thread, entry.unread) for entry in found.threads] == [(root, 1)]
        assert ack.seq
        alice.read_thread(root, ack.seq)
        assert (await next_of(alice, Thread, thread=root, unread=0)).mentions == 0
        await alice.follow(root, on=False)
        assert not (await next_of(alice, Thread, thread=root, following=False)).unread


async def test_at_the_terminal_a_reply_of_a_thread_is_sent_later(
    server: Server, alice_token: str, capsys: pytest.CaptureFixture[str]
) -> None:
    tomorrow = f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M}"

    async with client(server, alice_token) as alice:
        seq = (await alice.send("What shall we drink?")).seq or 0

        async def typed() -> AsyncIterator[str]:
            for line in (f"/later {tomorrow} /thread {seq} tea", f"/later {tomorrow} into the room"):
                yield line

        await Terminal(client(server, alice_token), style=Style(by_hand=True)).run(typed())
        assert capsys.readouterr().err.count("is sent at ") == 2
        waiting = (await alice.schedules()).schedules
        assert [(one.message, one.thread) for one in waiting] == [("tea", seq), ("into the room", None)]
        for one in waiting:
            await alice.cancel_schedule(one.id)
