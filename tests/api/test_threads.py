"""Threads over HTTP: replies, their list, and the reader's marks."""

from tests.api.conftest import Api


async def test_a_reply_is_posted_and_read_in_its_thread(api: Api) -> None:
    await api.say("alice", "tea?")
    answer = await api("bob", "POST", "rooms/garden/messages", json={"message": "yes", "thread": 1})
    assert answer.status_code == 201
    reply = answer.json()
    assert (reply["seq"], reply["thread"], reply["in_room"], reply["replies"]) == (2, 1, False, None)
    page = (await api("alice", "GET", "rooms/garden/messages")).json()
    assert [(one["seq"], one["replies"]["count"]) for one in page["messages"]] == [(1, 1)]
    thread = (await api("alice", "GET", "rooms/garden/threads/1/messages")).json()
    assert (thread["messages"], thread["thread"], thread["root"]) == ([reply], 1, page["messages"][0])
    assert (await api("alice", "GET", "rooms/garden/threads/2/messages")).json() == thread
    assert (await api("alice", "GET", "rooms/garden/threads/3/messages")).status_code == 404


async def test_the_room_shows_a_reply_that_asks_for_it(api: Api) -> None:
    await api.say("alice", "tea?")
    await api.say("bob", "yes", thread=1, in_room=True)
    page = (await api("alice", "GET", "rooms/garden/messages")).json()
    assert [(one["seq"], one["thread"]) for one in page["messages"]] == [(1, None), (2, 1)]


async def test_only_a_reply_can_be_left_out_of_the_room(api: Api) -> None:
    answer = await api("bob", "POST", "rooms/garden/messages", json={"message": "psst", "in_room": False})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")


async def test_a_message_that_is_no_root_is_refused(api: Api) -> None:
    answer = await api("bob", "POST", "rooms/garden/messages", json={"message": "yes", "thread": 7})
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


async def test_the_threads_of_a_room_are_listed(api: Api) -> None:
    await api.say("alice", "tea?")
    await api.say("alice", "cake?")
    await api.say("bob", "yes", thread=1)
    await api.say("bob", "no, @alice", thread=2)
    found = (await api("alice", "GET", "rooms/garden/threads?limit=1")).json()
    [entry] = found["threads"]
    assert (entry["thread"], entry["unread"], entry["mentions"], entry["following"]) == (2, 1, 1, True)
    assert (entry["message"]["message"], [one["message"] for one in entry["latest"]]) == ("cake?", ["no, @alice"])
    assert (found["unread"], found["mentions"]) == (2, 1)
    rest = (await api("alice", "GET", f"rooms/garden/threads?limit=1&before={found['next']}")).json()
    assert ([one["thread"] for one in rest["threads"]], rest["next"]) == ([1], None)
    assert (await api("alice", "POST", "rooms/garden/threads/1/read", json={"seq": 3})).status_code == 204
    unread = (await api("alice", "GET", "rooms/garden/threads?filter=unread")).json()
    assert [one["thread"] for one in unread["threads"]] == [2]
    assert (await api("alice", "DELETE", "rooms/garden/threads/2/follow")).status_code == 204
    following = (await api("alice", "GET", "rooms/garden/threads?filter=following")).json()
    assert [one["thread"] for one in following["threads"]] == [1]
    assert (await api("alice", "GET", "rooms/garden/threads?before=soon")).status_code == 422
