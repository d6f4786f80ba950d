"""Reading, posting and changing messages over HTTP."""

from tests.api.conftest import Api


async def test_bob_posts_and_alice_reads_the_same_object(api: Api) -> None:
    said = await api.say("bob", "hello @alice")
    assert (said["seq"], said["username"], said["mentions"]) == (1, "bob", ["alice"])
    page = (await api("alice", "GET", "rooms/garden/messages")).json()
    assert [dict(m, system=None) for m in page["messages"]] == [said | {"system": None}]
