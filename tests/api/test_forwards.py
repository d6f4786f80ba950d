"""Forwarding over HTTP: the response is the new message, and its files are visible to those who see it."""

from tests.api.conftest import Api
from tests.api.test_files import fetch, uploaded


async def test_a_message_with_a_file_is_forwarded_once(api: Api) -> None:
    file = await uploaded(api, "alice")
    source = await api.say("alice", "roses", files=[file["id"]])
    body = {"to_room": "square", "message": "look", "client_id": "f1"}
    address = f"rooms/garden/messages/{source['seq']}/forward"
    made, again = [await api("alice", "POST", address, json=body) for _ in range(2)]
    assert (made.status_code, again.status_code) == (201, 200)
    assert made.json() == again.json()
    [copy] = made.json()["files"]
    assert made.json()["message"] == "look\n\nroses"
    assert (copy["name"], copy["id"] == file["id"]) == ("note.txt", False)
    # Everyone may read the square, but only members the garden.
    answers = {url: (await fetch(api, "charlie", url)).status_code for url in (copy["url"], file["url"])}
    assert answers == {copy["url"]: 200, file["url"]: 404}
    assert (await fetch(api, "charlie", copy["url"])).content == b"some words"
    await api("alice", "DELETE", f"rooms/garden/messages/{source['seq']}")
    assert (await fetch(api, "charlie", copy["url"])).content == b"some words"
    assert (await fetch(api, "bob", file["url"])).status_code == 404


async def test_a_message_is_forwarded_to_a_person(api: Api) -> None:
    source = await api.say("alice", "roses")
    body = {"room": "garden", "seq": source["seq"], "message": "for you"}
    made = await api("alice", "POST", "direct/charlie/forward", json=body, headers={"Idempotency-Key": "f2"})
    assert (made.status_code, made.json()["message"]) == (201, "for you\n\nroses")
    read = await api("charlie", "GET", f"rooms/{made.json()['room']}/messages")
    assert read.json()["messages"][-1]["forwarded"] == {
        "start": 9,
        "timestamp": source["timestamp"],
        "username": "alice",
        "display_name": made.json()["display_name"],
    }


async def test_a_message_is_forwarded_to_a_thread(api: Api) -> None:
    source, root = await api.say("alice", "roses"), await api.say("alice", "what grows here?", room="square")
    address = f"rooms/garden/messages/{source['seq']}/forward"
    made = await api("alice", "POST", address, json={"to_room": "square", "thread": root["seq"]})
    assert (made.status_code, made.json()["thread"], made.json()["in_room"]) == (201, root["seq"], False)
    missing = await api("alice", "POST", address, json={"to_room": "square", "thread": 99})
    assert missing.status_code == 404
    nowhere = await api("alice", "POST", address, json={"to_room": "square", "in_room": False})
    assert (nowhere.status_code, nowhere.json()["fields"].keys()) == (422, {"in_room"})
