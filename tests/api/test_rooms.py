"""Rooms over HTTP: creating, finding, changing, joining, leaving."""

from datetime import datetime, timedelta

from django.utils import timezone

from chat.live.hub import current_hub
from chat.live.rate_limits import SharedBuckets
from chat.models import AuditEntry, Membership, Message, Room
from tests.api.conftest import Api


async def test_the_creator_of_a_room_owns_it(api: Api) -> None:
    response = await api("bob", "POST", "rooms", json={"room": "attic", "title": "Attic", "kind": "private"})
    assert response.status_code == 201
    assert response.json() == {
        "room": "attic",
        "title": "Attic",
        "topic": "",
        "kind": "private",
        "archived": False,
        "description": "",
        "posting": "everyone",
        "pinning": "moderators",
        "calling": "moderators",
        "adding": "everyone",
        "edit_history": "moderators",
        "replies": "room",
        "slow_seconds": 0,
        "keep_days": None,
        "previews": True,
        "seq": 0,
        "rev": 0,
        "members": 1,
        "joined": True,
        "username": None,
        "role": "owner",
        "notify": "all",
        "read_seq": 0,
        "muted_until": None,
    }


async def test_a_name_is_taken_in_any_spelling(api: Api) -> None:
    for name in ("garden", "Garden"):
        response = await api("bob", "POST", "rooms", json={"room": name})
        assert (response.status_code, response.json()["fields"]) == (409, {"room": "is taken"})


async def test_my_rooms_tell_what_is_unread(api: Api) -> None:
    await api.say("alice", "hello @bob")
    rooms = {room["room"]: room for room in (await api("bob", "GET", "rooms")).json()["rooms"]}
    assert rooms.keys() == {"garden", "square"}
    assert (rooms["garden"]["unread"], rooms["garden"]["mentions"], rooms["garden"]["role"]) == (1, 1, "member")


async def test_archived_rooms_are_listed_for_those_who_may_read_them(api: Api) -> None:
    await api("alice", "PATCH", "rooms/garden", json={"archived": True})
    await Room.objects.acreate(slug="ruin", archived=True)
    await Room.objects.acreate(slug="dm-1-2", kind="direct", archived=True)

    async def listed(who: str) -> dict[str, bool]:
        rooms = (await api(who, "GET", "rooms?scope=archived")).json()["rooms"]
        return {room["room"]: room.get("may_restore", False) for room in rooms}

    assert await listed("alice") == {"garden": True, "ruin": False}
    assert await listed("mona") == {"garden": False, "ruin": False}
    assert await listed("charlie") == {"ruin": False}
    assert await listed("banned") == {"ruin": False}
    assert await listed("staff") == {"ruin": True}
    assert (await api("alice", "PATCH", "rooms/garden", json={"archived": False})).status_code == 200
    assert await listed("alice") == {"ruin": False}


async def test_browsing_shows_public_rooms_the_busiest_first(api: Api) -> None:
    await Room.objects.acreate(slug="ruin", archived=True)
    found = (await api("charlie", "GET", "rooms?scope=public")).json()["rooms"]
    assert [(room["room"], room["members"], room["joined"]) for room in found] == [
        ("square", 4, False),
        ("lobby", 0, False),
    ]
    assert found[0].keys() == {"room", "title", "topic", "kind", "members", "joined"}


async def test_joining_and_leaving_leave_a_line_each_and_count_once(api: Api) -> None:
    for _ in range(2):
        joined = await api("charlie", "POST", "rooms/square/join")
        assert (joined.status_code, joined.json()["joined"]) == (200, True)
    assert (await api("charlie", "POST", "rooms/square/leave")).status_code == 204
    assert (await api("charlie", "POST", "rooms/square/leave")).status_code == 403
    lines = [line.system["event"] async for line in Message.objects.order_by("seq") if line.system]
    assert lines == ["joined", "left"]


async def test_a_room_is_renamed_archived_and_brought_back(api: Api) -> None:
    await api.say("bob", "hello")
    changed = (await api("alice", "PATCH", "rooms/garden", json={"title": "Orchard", "topic": "apples"})).json()
    assert (changed["title"], changed["topic"]) == ("Orchard", "apples")
    archived = (await api("alice", "DELETE", "rooms/garden")).json()
    assert archived["archived"] is True
    assert len((await api("bob", "GET", "rooms/garden/messages")).json()["messages"]) == 3
    back = (await api("alice", "PATCH", "rooms/garden", json={"archived": False})).json()
    assert back["archived"] is False
    assert (await api("alice", "PATCH", "rooms/garden", json={})).json() == back
    assert await AuditEntry.objects.filter(room="garden").acount() == 3


async def test_everyone_chooses_their_notifications(api: Api) -> None:
    chosen = await api("bob", "PATCH", "rooms/garden/me", json={"notify": "mentions"})
    assert chosen.json()["notify"] == "mentions"
    rooms = (await api("bob", "GET", "rooms")).json()["rooms"]
    assert [room["notify"] for room in rooms] == ["mentions", "all"]
    bob = api.stage.users["bob"]
    was = bob.access_rev
    await bob.arefresh_from_db()
    assert bob.access_rev > was, "bob's open sockets are told"


async def test_a_mute_has_an_end_or_none(api: Api) -> None:
    until = (timezone.now() + timedelta(hours=1)).isoformat()
    muted = (await api("bob", "PATCH", "rooms/garden/me", json={"muted": True, "quiet_until": until})).json()
    assert muted["muted"]
    assert datetime.fromisoformat(until) - datetime.fromisoformat(muted["quiet_until"]) < timedelta(seconds=1)
    for_ever = (await api("bob", "PATCH", "rooms/garden/me", json={"muted": True})).json()
    assert for_ever["muted"]
    assert "quiet_until" not in for_ever
    for wrong in (1_900_000_000, "tomorrow", "2026-05-01T08:00:00", "2001-05-01T08:00:00Z"):
        refused = await api("bob", "PATCH", "rooms/garden/me", json={"muted": True, "quiet_until": wrong})
        assert (refused.status_code, list(refused.json()["fields"])) == (422, ["quiet_until"])


class TestMembers:
    async def test_the_list_names_everybody_with_their_role(self, api: Api) -> None:
        found = (await api("bob", "GET", "rooms/garden/members")).json()["members"]
        assert [(member["username"], member["role"]) for member in found] == [
            ("alice", "owner"),
            ("mona", "moderator"),
            ("bob", "member"),
            ("mute", "member"),
        ]
        assert found[0] == {
            "username": "alice",
            "display_name": "Alice Arden",
            "role": "owner",
            "online": False,
            "typing": False,
            "user_id": api.stage.users["alice"].pk,
        }

    async def test_bob_brings_charlie_into_a_private_room(self, api: Api) -> None:
        added = await api("bob", "PUT", "rooms/garden/members/CHARLIE")
        assert (added.status_code, added.json()["username"], added.json()["role"]) == (201, "charlie", "member")
        assert (await api("charlie", "GET", "rooms/garden")).status_code == 200

    async def test_an_owner_adds_somebody_as_a_moderator_in_one_go_and_bob_does_not(self, api: Api) -> None:
        refused = await api("bob", "PUT", "rooms/garden/members/charlie", json={"role": "moderator"})
        assert refused.status_code == 403
        assert not await Membership.objects.filter(user__username="charlie").aexists(), "nothing is half done"
        added = await api("alice", "PUT", "rooms/garden/members/charlie", json={"role": "moderator"})
        assert (added.status_code, added.json()["role"]) == (201, "moderator")

    async def test_invitations_and_new_conversations_are_limited(self, api: Api) -> None:
        current_hub().invite_limit = SharedBuckets(2, 3600)
        assert (await api("bob", "PUT", "rooms/garden/members/charlie")).status_code == 201
        psst = {"json": {"message": "psst"}}
        assert (await api("bob", "POST", "direct/charlie/messages", **psst)).status_code == 201
        for method, path, body in (
            ("PUT", "rooms/garden/members/staff", {}),
            ("POST", "direct/staff/messages", psst),
        ):
            refused = await api("bob", method, path, **body)
            assert (refused.status_code, refused.json()["code"]) == (429, "rate_limited")
            assert 1600 < refused.json()["retry_after"] <= 1800, "until one more, not until all"
        assert not await Membership.objects.filter(user__username="staff").aexists()
        assert (await api("bob", "PUT", "rooms/garden/members/charlie")).status_code == 200, "who is there is not new"
        assert (await api("bob", "POST", "direct/charlie/messages", **psst)).status_code == 201
        assert (await api("alice", "PUT", "rooms/garden/members/staff")).status_code == 201

    async def test_who_is_banned_cannot_be_brought_in(self, api: Api) -> None:
        response = await api("bob", "PUT", "rooms/garden/members/banned")
        assert (response.status_code, response.json()["code"]) == (403, "banned")

    async def test_a_ban_over_http_is_on_the_record(self, api: Api) -> None:
        body = {"minutes": 5, "reason": "spam"}
        assert (await api("mona", "PUT", "rooms/square/bans/bob", json=body)).status_code == 204
        refused = (await api("bob", "GET", "rooms/square")).json()
        assert (refused["code"], refused["fields"]["reason"]) == ("banned", "spam")
        assert datetime.fromisoformat(refused["fields"]["until"]) > timezone.now()
        entry = await AuditEntry.objects.aget()
        assert (entry.actor, entry.action, entry.target, entry.reason) == ("mona", "ban", "bob", "spam")

    async def test_no_one_acts_on_a_higher_rank(self, api: Api) -> None:
        for path in ("members/alice", "bans/alice"):
            method = "DELETE" if path.startswith("members") else "PUT"
            assert (await api("mona", method, f"rooms/garden/{path}")).status_code == 403


class TestPeople:
    async def test_people_are_found_by_how_a_name_of_theirs_begins(self, api: Api) -> None:
        async def named(start: str) -> list[str]:
            found = (await api("bob", "GET", "people", params={"q": start})).json()["people"]
            return [person["username"] for person in found]

        assert await named("AL") == ["alice"]
        assert await named("@cha") == ["charlie"]
        assert await named("ard") == ["alice"], "by the last word of the shown name"
        assert await named("lice") == []
        assert await named("gon") == [], "deactivated"
        assert await named("%") == []
        assert len(await named("")) == 7

    async def test_at_most_twenty_are_named_and_only_what_everybody_may_know(self, api: Api) -> None:
        from asgiref.sync import sync_to_async

        from chat.models import Participant

        await sync_to_async(Participant.objects.bulk_create)([Participant(username=f"robot{n}") for n in range(30)])
        found = (await api("bob", "GET", "people?q=robot")).json()["people"]
        assert len(found) == 20
        assert found[0].keys() == {"username", "display_name", "user_id"}


async def test_an_owner_sets_who_writes_and_a_member_is_refused(api: Api) -> None:
    facts = {
        "description": "For news",
        "posting": "moderators",
        "pinning": "everyone",
        "calling": "everyone",
        "adding": "moderators",
        "kind": "public",
        "edit_history": "members",
        "replies": "thread",
        "slow_seconds": 10,
        "keep_days": 30,
    }
    changed = (await api("alice", "PATCH", "rooms/garden", json=facts)).json()
    assert {name: changed[name] for name in facts} == facts
    refused = await api("bob", "POST", "rooms/garden/messages", json={"message": "hello"})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    changed = (await api("alice", "PATCH", "rooms/garden", json={"posting": "everyone", "keep_days": None})).json()
    assert (changed["posting"], changed["keep_days"], changed["description"]) == ("everyone", None, "For news")
    assert (await api("bob", "POST", "rooms/garden/messages", json={"message": "one"})).status_code == 201
    slow = await api("bob", "POST", "rooms/garden/messages", json={"message": "two"})
    assert (slow.status_code, slow.json()["code"]) == (429, "rate_limited")
    assert 0 < slow.json()["retry_after"] <= 10
    for wrong in ({"posting": "nobody"}, {"slow_seconds": -1}, {"slow_seconds": 86_401}, {"keep_days": 3651}):
        assert (await api("alice", "PATCH", "rooms/garden", json=wrong)).status_code == 422, wrong


async def test_moderators_read_bans_and_the_record(api: Api) -> None:
    await api("alice", "PUT", "rooms/garden/bans/bob", json={"minutes": 5, "reason": "noise"})
    bans = (await api("alice", "GET", "rooms/garden/bans")).json()
    [ban] = [ban for ban in bans["bans"] if ban["username"] == "bob"]
    assert (bans["type"], ban["by"], ban["reason"], bans["has_older"]) == ("bans", "alice", "noise", False)
    entries = (await api("alice", "GET", "rooms/garden/audit")).json()["entries"]
    assert [(entry["by"], entry["action"], entry["username"]) for entry in entries] == [("alice", "ban", "bob")]
    older = await api("alice", "GET", f"rooms/garden/audit?before={entries[0]['id']}")
    assert older.json()["entries"] == []
