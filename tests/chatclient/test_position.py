"""A reader's position: in the feed, on disk, and which messages count as new."""

import json
import logging
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatclient import ChatClient, ClientClosed, Position, PositionFileError, ServerUnreachable
from chatclient.events import Message, Resumed
from chatclient.feed import Feed
from chatclient.position_file import PositionFile
from chatclient.testing import FakeClient, message
from support.servers import Server
from tests.chatclient.fakes import QUICK, FakeChat

HERE = Position("one", {"lobby": (7, 4), "garden": (2, 1)})


def unposted(seq: int, rev: int) -> Message:
    return message(str(seq), seq=seq, rev=rev, posted=False)


def posted(feed: Feed) -> dict[str, bool]:
    """The messages read, and whether each is new."""
    read = {}
    while (event := feed.next()) is not None:
        assert isinstance(event, Message)
        read[f"{event.seq}.{event.rev}"] = event.posted
    return read


def test_a_message_is_posted_once_and_changes_are_not() -> None:
    feed = Feed(size=100, listen=True, position=None)
    feed.found("lobby", rev=10, seq=5)
    for seq, rev in [(5, 11), (6, 12), (6, 13), (3, 14)]:
        feed.live(unposted(seq, rev))
    assert posted(feed) == {"5.11": False, "6.12": True, "6.13": False, "3.14": False}


def test_a_message_that_was_changed_before_it_came_is_posted_all_the_same() -> None:
    feed = Feed(size=100, listen=True, position=Position("one", {"lobby": (10, 5)}))
    feed.found("lobby", rev=13, seq=7)
    feed.missing()
    states = (unposted(7, 12), unposted(6, 13))
    feed.resumed(Resumed(type="resumed", room="lobby", complete=True, messages=states, rev=13))
    feed.live(unposted(6, 14))
    assert posted(feed) == {"7.12": True, "6.13": True, "6.14": False}


def test_the_position_is_that_of_the_reader() -> None:
    feed = Feed(size=100, listen=True, position=None)
    feed.found("lobby", rev=0, seq=0)
    for number in (1, 2, 3):
        feed.live(unposted(number, number))
    seen = []
    while feed.next() is not None:
        seen.append(feed.read_position.rooms["lobby"])
    assert seen == [(1, 1), (2, 2), (3, 3)]
    assert feed.position.rooms["lobby"] == (3, 3)


def test_a_position_survives_json_unchanged() -> None:
    assert Position.from_json(json.loads(json.dumps(HERE.to_json()))) == HERE
    wrongs: list[Any] = [{}, [], {"epoch": "one", "rooms": {"lobby": 7}}, {"epoch": "one", "rooms": [1]}]
    for wrong in wrongs:
        with pytest.raises(ValueError, match="no position"):
            Position.from_json(wrong)


def test_the_file_is_written_once_a_second_and_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "bot.json"
    file = PositionFile(path)
    assert file.load() is None
    file.save(HERE, 10.0)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    later = Position("one", {"lobby": (8, 5)})
    file.save(later, 10.5)
    assert PositionFile(path).load() == HERE
    file.save(later, 10.6, last=True)
    assert PositionFile(path).load() == later
    assert [one.name for one in tmp_path.iterdir()] == ["bot.json"]


def test_a_file_that_is_none_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "bot.json"
    path.write_text("a diary")
    with pytest.raises(PositionFileError, match="is not a position file"):
        ChatClient("http://127.0.0.1:1", token="t", position_file=path)
    assert path.read_text() == "a diary"
    with pytest.raises(PositionFileError, match="cannot be written"):
        PositionFile(tmp_path / "nowhere" / "bot.json").save(HERE, 0.0)


async def test_the_client_knows_who_it_is_between_two_connections() -> None:
    async with FakeChat() as chat, ChatClient(chat.url, token="t", room="lobby", timing=QUICK) as client:
        assert client.me
        name = client.me.username
        await chat.stop()
        async for event in client:
            if event.type == "disconnected":
                break
        assert not client.connected
        assert client.me.username == name


async def test_losses_are_logged_without_the_token(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "chatclient")
    async with FakeChat() as chat, ChatClient(chat.url, token="bc_secret", room="lobby", timing=QUICK) as client:
        await chat.stop()
        async for event in client:
            if event.type == "disconnected":
                break
    lines = [record.getMessage() for record in caplog.records]
    assert any(line.startswith("Connected to 127.0.0.1") for line in lines)
    assert any("next try in" in line for line in lines)
    assert not any("bc_secret" in line for line in lines)


async def test_the_stand_in_says_when_a_test_forgot_to_end_it() -> None:
    client = FakeClient()
    client.receive(message("hi", username="bot", user_id=0), message("hi"), message("edited", posted=False))
    client.end()
    assert [post.username async for post in client.posts()] == ["alice"]
    with pytest.raises(ClientClosed, match="call end"):
        await anext(FakeClient().posts())


async def test_https_at_a_port_of_plain_http_is_said_at_once(start_server: Callable[..., Server]) -> None:
    with start_server() as server:
        url = server.url.replace("http://", "https://")
        for client in (ChatClient(url, token="t"), ChatClient(url, username="alice", password="p")):
            with pytest.raises(ServerUnreachable, match="speaks plain HTTP at this port"):
                await client.__aenter__()
