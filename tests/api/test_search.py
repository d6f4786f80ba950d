"""Searching over HTTP."""

from asgiref.sync import sync_to_async

from chat.live.hub import current_hub
from chat.live.rate_limits import SharedBuckets
from chat.services.search_index import index_step
from tests.api.conftest import Api


async def index() -> None:
    while await sync_to_async(index_step)():
        pass


async def test_bob_finds_what_was_said_and_charlie_does_not(api: Api) -> None:
    said = await api.say("alice", "The telemetry of buoy 7")
    await index()
    found = (await api("bob", "GET", "search", params={"q": "tele buoy"})).json()
    assert found == {
        "type": "search",
        "results": [{"message": said, "room": "garden", "title": "Garden", "marks": [[4, 8], [17, 21]]}],
        "next": None,
    }
    assert (await api("charlie", "GET", "search?q=tele")).json()["results"] == []


async def test_pages_follow_each_other(api: Api) -> None:
    for n in range(3):
        await api.say("alice", f"word {n}")
    await index()
    first = (await api("bob", "GET", "search?q=word&limit=2")).json()
    second = (await api("bob", "GET", "search", params={"q": "word", "limit": 2, "after": first["next"]})).json()
    assert [hit["message"]["seq"] for page in (first, second) for hit in page["results"]] == [3, 2, 1]
    assert second["next"] is None


async def test_the_best_matches_come_first_when_asked_for(api: Api) -> None:
    for text in ("big dog", "dogs, big ones"):
        await api.say("alice", text)
    await index()
    for order, seqs in (("best", [1, 2]), ("newest", [2, 1])):
        found = (await api("bob", "GET", "search", params={"q": "big dog", "order": order})).json()
        assert [hit["message"]["seq"] for hit in found["results"]] == seqs


async def test_no_query_is_refused(api: Api) -> None:
    odd = ["", "\0", '"', "-", "from:", "from:nobody in:nowhere", "x" * 3000, "on:never", "%_'\\", "a" + "\u0308" * 300]
    for typed in odd:
        response = await api("bob", "GET", "search", params={"q": typed})
        assert response.status_code == 200, typed
        assert response.json()["results"] == []


async def test_bad_parameters_are_refused_by_name(api: Api) -> None:
    for query, field in (
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("after=x", "after"),
        ("qq=a", "qq"),
        ("order=x", "order"),
    ):
        response = await api("bob", "GET", f"search?q=a&{query}")
        assert response.status_code == 422
        assert list(response.json()["fields"]) == [field]


async def test_searching_too_often_is_limited(api: Api) -> None:
    await api("bob", "GET", "search?q=a")
    current_hub().read_limit = SharedBuckets(1, 60)
    assert [(await api("bob", "GET", "search?q=a")).status_code for _ in range(2)] == [200, 429]
    assert (await api("alice", "GET", "search?q=a")).status_code == 200
