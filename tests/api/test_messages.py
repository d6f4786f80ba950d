"""Reading, posting and changing messages over HTTP."""

import asyncio

from asgiref.sync import sync_to_async

from chat.models import Message, Room
from tests.api.conftest import Api


async def test_bob_posts_and_alice_reads_the_same_object(api: Api) -> None:
    said = await api.say("bob", "hello @alice", client_id="one")
    assert (
        said.items()
        >= {
            "type": "message",
            "room": "garden",
            "seq": 1,
            "rev": 1,
            "kind": "text",
            "message": "hello @alice",
            "username": "bob",
            "display_name": "Bob",
            "client_id": "one",
            "deleted": False,
            "reactions": {},
            "mentions": ["alice"],
        }.items()
    )
    page = (await api("alice", "GET", "rooms/garden/messages")).json()
    assert page["messages"] == [said]


async def test_pages_lead_through_the_whole_history_in_both_directions(api: Api) -> None:
    for n in range(1, 8):
        await api.say("alice", f"number {n}")

    async def page(query: str) -> tuple[list[int], bool, bool]:
        found = (await api("bob", "GET", f"rooms/garden/messages?{query}")).json()
        return [message["seq"] for message in found["messages"]], found["has_older"], found["has_newer"]

    assert await page("limit=3") == ([5, 6, 7], True, False)
    assert await page("before=5&limit=3") == ([2, 3, 4], True, True)
    assert await page("before=2&limit=3") == ([1], False, True)
    assert await page("after=5&limit=3") == ([6, 7], True, False)
    assert await page("after=0&limit=2") == ([1, 2], False, True)
    assert await page("around=4&limit=2") == ([3, 4], True, True)
    assert await page("at=2000-01-01T00:00:00Z&limit=2") == ([1], False, True)


class TestRepeating:
    async def test_a_message_sent_twice_is_there_once(self, api: Api) -> None:
        body = {"message": "hello", "client_id": "one"}
        first = await api("bob", "POST", "rooms/garden/messages", json=body)
        again = await api("bob", "POST", "rooms/garden/messages", json=body)
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json() == again.json()
        assert await Message.objects.acount() == 1

    async def test_the_header_serves_as_client_id(self, api: Api) -> None:
        headers = {"Idempotency-Key": "one"}
        first = await api("bob", "POST", "rooms/garden/messages", json={"message": "hello"}, headers=headers)
        again = await api(
            "bob", "POST", "rooms/garden/messages", json={"message": "hello", "client_id": "one"}, headers=headers
        )
        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json()["client_id"] == "one"

    async def test_ten_at_the_same_moment_are_one(self, api: Api) -> None:
        body = {"message": "hello", "client_id": "one"}
        answers = await asyncio.gather(*(api("bob", "POST", "rooms/garden/messages", json=body) for _ in range(10)))
        assert sorted(answer.status_code for answer in answers) == [200] * 9 + [201]
        assert {answer.json()["seq"] for answer in answers} == {1}

    async def test_the_same_key_for_another_message_or_room_is_a_conflict(self, api: Api) -> None:
        headers = {"Idempotency-Key": "one"}
        await api.say("bob", "hello", client_id="one")
        for room, text, facts in (
            ("garden", "other", {}),
            ("square", "hello", {}),
            ("garden", "hello", {"reply_to": 1}),
        ):
            body = {"message": text, **facts}
            response = await api("bob", "POST", f"rooms/{room}/messages", json=body, headers=headers)
            assert (response.status_code, response.json()["code"]) == (409, "conflict")
        assert await Message.objects.acount() == 1

    async def test_two_keys_that_differ_are_refused(self, api: Api) -> None:
        body = {"message": "hello", "client_id": "two"}
        response = await api("bob", "POST", "rooms/garden/messages", json=body, headers={"Idempotency-Key": "one"})
        assert (response.status_code, list(response.json()["fields"])) == (422, ["client_id"])

    async def test_a_person_removed_meanwhile_no_longer_sees_their_message(self, api: Api) -> None:
        body = {"message": "hello", "client_id": "one"}
        await api.say("bob", text="hello", client_id="one")
        await api("alice", "DELETE", "rooms/garden/members/bob")
        assert (await api("bob", "POST", "rooms/garden/messages", json=body)).status_code == 404
        assert await Message.objects.filter(kind="text").acount() == 1


async def test_a_message_is_edited_reacted_to_and_deleted_each_time_with_its_whole_state(api: Api) -> None:
    await api.say("bob", "helo", client_id="one")
    edited = (await api("bob", "PATCH", "rooms/garden/messages/1", json={"message": "hello"})).json()
    assert (edited["message"], edited["rev"], edited["client_id"]) == ("hello", 2, "one")
    assert edited["edited_at"]
    liked = (await api("mona", "PUT", "rooms/garden/messages/1/reactions/👍")).json()
    assert (liked["reactions"], liked["rev"]) == ({"👍": ["mona"]}, 3)
    again = (await api("mona", "PUT", "rooms/garden/messages/1/reactions/👍")).json()
    assert again == liked
    bare = (await api("mona", "DELETE", "rooms/garden/messages/1/reactions/👍")).json()
    assert (bare["reactions"], bare["rev"]) == ({}, 4)
    deleted = (await api("mona", "DELETE", "rooms/garden/messages/1")).json()
    assert (deleted["deleted"], deleted["message"], deleted["deleted_by"], deleted["rev"]) == (True, "", "mona", 5)
    assert (await api("bob", "PATCH", "rooms/garden/messages/1", json={"message": "x"})).status_code == 404


async def test_an_answer_to_a_message_that_is_not_there_is_refused(api: Api) -> None:
    response = await api("bob", "POST", "rooms/garden/messages", json={"message": "yes", "reply_to": 9})
    assert response.status_code == 404


async def test_a_direct_message_opens_the_room_of_two(api: Api) -> None:
    first = (await api("charlie", "POST", "direct/BOB/messages", json={"message": "psst"})).json()
    second = (await api("bob", "POST", "direct/charlie/messages", json={"message": "yes?"})).json()
    assert first["room"] == second["room"]
    assert (first["seq"], second["seq"]) == (1, 2)
    assert (await api("alice", "GET", f"rooms/{first['room']}")).status_code == 404
    seen = (await api("charlie", "GET", f"rooms/{first['room']}")).json()
    assert (seen["kind"], seen["username"], seen["title"], seen["members"]) == ("direct", "bob", "Bob", 2)


async def test_a_message_in_an_archived_room_is_refused(api: Api) -> None:
    await sync_to_async(Room.objects.filter(slug="garden").update)(archived=True)
    response = await api("bob", "POST", "rooms/garden/messages", json={"message": "hello"})
    assert (response.status_code, response.json()["code"]) == (403, "forbidden")
