"""Creating rooms, changing their facts, and the one direct room of two people."""

from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from chat.access import access_room
from chat.models import AuditEntry, Ban, Membership, Participant, Room, RoomBinding
from chat.queries.history import history_page
from chat.queries.people import room_users
from chat.queries.records import RECORDS_PAGE, room_audit, room_bans
from chat.queries.rooms import room_entries
from chat.services.members import room_join
from chat.services.moderation import member_ban
from chat.services.posting import Draft, messages_post
from chat.services.profile import profile_update
from chat.services.rooms import direct_room_open, room_create, room_update
from support import people
from tests.services.conftest import Heard, make
from tests.services.test_messages import refused


def test_alice_makes_a_room_and_owns_it(alice: Participant) -> None:
    room = room_create(creator=alice, slug="Roses", kind="private", title="Roses", topic="red")
    assert (room.slug, room.kind, room.last_rev) == ("Roses", "private", 0)
    assert Membership.objects.get(room=room).role == "owner"
    assert Participant.objects.get(pk=alice.pk).access_rev == 1


@pytest.mark.parametrize("slug", ["", "a b", "x" * 65, "größe", "a/b", "a\n", "a\x00", "dm-1-2", "DM-x"])
def test_names_that_no_room_can_have(alice: Participant, slug: str) -> None:
    with refused("invalid"):
        room_create(creator=alice, slug=slug)


def test_a_direct_room_is_not_made_by_hand(alice: Participant) -> None:
    with refused("invalid"):
        room_create(creator=alice, slug="roses", kind="direct")


def test_a_name_is_taken_in_any_spelling(alice: Participant, bob: Participant) -> None:
    room_create(creator=alice, slug="Roses")
    for slug in ("Roses", "roses", "ROSES", "lobby", "LOBBY"):
        with refused("conflict"):
            room_create(creator=bob, slug=slug)
    assert not bob.memberships.exists()


def test_a_new_topic_is_a_system_line_and_an_event(
    garden: Room, alice: Participant, bob: Participant, heard: Heard
) -> None:
    make("moderator", bob, garden)
    with heard() as told:
        room_update(user=bob, room="garden", topic="roses")
    line, facts = told
    assert line["message"] == "bob changed the topic to roses"
    assert line["system"] == {"event": "topic", "username": "bob", "to": "roses"}
    assert facts == {
        "type": "room",
        "room": "garden",
        "rev": 2,
        "title": "Garden",
        "topic": "roses",
        "kind": "private",
        "archived": False,
        "description": "",
        "posting": "everyone",
        "slow_seconds": 0,
        "keep_days": None,
        "picture": "",
        "previews": True,
        "pinning": "moderators",
        "calling": "moderators",
        "adding": "everyone",
        "edit_history": "moderators",
        "replies": "room",
        "pins": [],
        "address": "",
        "emoji": "",
    }
    garden.refresh_from_db()
    assert (garden.last_seq, garden.last_rev, garden.facts_rev) == (1, 2, 2)
    assert AuditEntry.objects.get().action == "topic"
    with heard() as told:
        room_update(user=bob, room="garden", topic="roses")
    assert told == []


def test_title_and_archive_are_the_owners(garden: Room, alice: Participant, bob: Participant, heard: Heard) -> None:
    make("moderator", bob, garden)
    for change in ({"title": "Bob's"}, {"archived": True}):
        with refused("forbidden"):
            room_update(user=bob, room="garden", **change)
    with heard() as told:
        room_update(user=alice, room="garden", archived=True)
    assert told[-1]["archived"] is True
    assert Participant.objects.get(pk=bob.pk).access_rev == 1
    with refused("forbidden"):
        room_update(user=alice, room="garden", topic="too late")
    [outcome] = messages_post([Draft(bob, "garden", "too late")])
    assert getattr(outcome, "code", None) == "forbidden"
    with refused("forbidden"):
        room_join(user=bob, room="garden")
    with heard() as told:
        room_update(user=alice, room="garden", archived=False)
    assert told[-1]["archived"] is False


def test_strangers_learn_nothing_of_a_private_room(garden: Room, charlie: Participant) -> None:
    with refused("not_found"):
        room_update(user=charlie, room="garden", topic="x")


def test_two_people_have_one_direct_room(alice: Participant, bob: Participant) -> None:
    room, other = direct_room_open(user=alice, username="BOB")
    assert (room.slug, room.kind, other) == (f"dm-{alice.pk}-{bob.pk}", "direct", bob)
    again, other = direct_room_open(user=bob, username="alice")
    assert (again, other) == (room, alice)
    assert set(room.memberships.values_list("user", flat=True)) == {alice.pk, bob.pk}
    assert Participant.objects.get(pk=bob.pk).access_rev == 1


def test_one_may_write_to_oneself(alice: Participant) -> None:
    room, other = direct_room_open(user=alice, username="alice")
    assert other == alice
    assert room.memberships.count() == 1


def test_no_private_message_is_sent_to_a_missing_account(alice: Participant) -> None:
    people.person("dora", is_active=False)
    for name in ("dora", "nobody"):
        with refused("not_found"):
            direct_room_open(user=alice, username=name)
    assert not Room.objects.filter(kind="direct").exists()


def test_a_person_owns_no_more_rooms_than_the_limit(alice: Participant, settings: Any) -> None:
    settings.CHAT_ROOMS_OWNED = Membership.objects.filter(user=alice, role="owner").count() + 1
    room_create(creator=alice, slug="one-more")
    with refused("forbidden"):
        room_create(creator=alice, slug="too-many")
    assert not Room.objects.filter(slug="too-many").exists()
    Room.objects.filter(slug="one-more").update(archived=True)
    assert room_create(creator=alice, slug="in-its-place").slug == "in-its-place"


@pytest.mark.parametrize("text", ["a\nb", "\u202etxet", "\u200b", "\u3164", "a\x00", "x" * 501], ids=ascii)
def test_titles_and_topics_are_lines_that_can_be_seen(garden: Room, alice: Participant, text: str) -> None:
    with refused("invalid"):
        room_update(user=alice, room="garden", topic=text)
    with refused("invalid"):
        room_update(user=alice, room="garden", title=text)
    with refused("invalid"):
        room_create(creator=alice, slug="new", title=text)
    with refused("invalid"):
        room_create(creator=alice, slug="new", topic=text)
    room_update(user=alice, room="garden", topic=" \u202f Zoe\u0308s گل\u200cها ")
    garden.refresh_from_db()
    assert garden.topic == "Zoës گل\u200cها"


def test_a_person_whose_name_looks_like_anothers_is_shown_with_the_username(
    garden: Room, alice: Participant, bob: Participant, heard: Heard
) -> None:
    profile_update(user=bob, display_name="Аlice")
    with heard() as told:
        messages_post([Draft(bob, "garden", "It is me")])
        messages_post([Draft(alice, "garden", "It is not")])
    assert [(event["display_name"], event["show_username"]) for event in told] == [("Аlice", True), ("Alice", True)]
    garden.refresh_from_db()
    assert [state.show_username for state in history_page(garden, limit=5).messages] == [True, True]
    assert {entry.username for entry in room_users(garden) if entry.show_username} == {"alice", "bob"}
    room, _ = direct_room_open(user=alice, username="bob")
    [entry] = [held.entry for held in room_entries(alice) if held.room_id == room.pk]
    assert (entry.title, entry.username, entry.show_username) == ("Аlice", "bob", True)
    profile_update(user=bob, display_name="Bob")
    with heard() as told:
        messages_post([Draft(alice, "garden", "Thank you")])
    assert "show_username" not in told[0]


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Büro Süd", "buro-sud"),
        ("日本語", "ribenyu"),
        ("Кухня № 5", "kukhnya-no-5"),
        ("a — b", "a-b"),
        ("x" * 100, "x" * 48),
    ],
)
def test_the_address_is_made_from_a_title_in_any_script(alice: Participant, title: str, slug: str) -> None:
    made = room_create(creator=alice, title=title)
    assert (made.slug, made.title) == (slug, title)
    assert room_create(creator=alice, title=title).slug == f"{slug}-2"
    assert room_create(creator=alice, title=title.upper() if title.isascii() else title).slug == f"{slug}-3"


@pytest.mark.parametrize("title", ["⋯", "🎉", "dm-1-2", "—"])
def test_a_title_without_letters_gets_an_address_of_chance(alice: Participant, title: str) -> None:
    assert room_create(creator=alice, title=title).slug.startswith(("room-", "tada"))


@pytest.mark.parametrize("title", ["", "  "])
def test_a_room_needs_a_title_or_an_address(alice: Participant, title: str) -> None:
    with refused("invalid"):
        room_create(creator=alice, title=title)


def test_an_owner_sets_the_facts_of_a_room(garden: Room, alice: Participant, bob: Participant, heard: Heard) -> None:
    facts: dict[str, Any] = {
        "description": "Roses  \r\n\r\nand apples",
        "posting": "moderators",
        "pinning": "everyone",
        "calling": "everyone",
        "adding": "moderators",
        "edit_history": "members",
        "replies": "thread",
        "slow_seconds": 30,
        "keep_days": 90,
    }
    with heard() as told:
        room_update(user=alice, room="garden", **facts)
    [said] = told
    assert {name: said[name] for name in facts} == facts | {"description": "Roses\n\nand apples"}
    assert (said["type"], said["rev"]) == ("room", 1)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.detail) == ("room", {"facts": facts | {"description": "Roses\n\nand apples"}})
    with heard() as told:
        room_update(user=alice, room="garden", **facts)
    assert told == []
    make("moderator", bob, garden)
    for name, value in facts.items():
        with refused("forbidden"):
            room_update(user=bob, room="garden", **dict[str, Any]({name: value}))


@pytest.mark.parametrize(
    "facts",
    [
        {"description": "a\x00b"},
        {"description": "a\n\u202eb"},
        {"description": "a\n" + "b" * 1001},
        *({name: "nobody"} for name in ("posting", "pinning", "calling", "adding")),
        *({"kind": kind} for kind in ("direct", "group", "secret", "")),
    ],
)
def test_facts_that_no_room_can_have(garden: Room, alice: Participant, facts: dict[str, Any]) -> None:
    with refused("invalid"):
        room_update(user=alice, room="garden", **facts)


def test_a_room_that_becomes_private_keeps_its_members_and_is_hidden_from_others(
    garden: Room, alice: Participant, bob: Participant, charlie: Participant, heard: Heard
) -> None:
    with heard() as told:
        room_update(user=alice, room="garden", kind="public")
    line, facts = told
    assert (line["message"], line["system"]["event"], facts["kind"]) == (
        "alice made the room public",
        "public",
        "public",
    )
    assert Participant.objects.get(pk=bob.pk).access_rev == 1
    assert access_room(user=charlie, slug="garden").membership is None
    room_update(user=alice, room="garden", kind="private")
    with refused("not_found"):
        access_room(user=charlie, slug="garden")
    assert access_room(user=bob, slug="garden").membership
    assert [entry.detail for entry in AuditEntry.objects.order_by("id")] == [
        {"facts": {"kind": "public"}},
        {"facts": {"kind": "private"}},
    ]
    make("moderator", bob, garden)
    with refused("forbidden"):
        room_update(user=bob, room="garden", kind="public")


def test_the_room_of_an_object_and_a_conversation_keep_their_kind(garden: Room, alice: Participant) -> None:
    of_rooms = ContentType.objects.get_for_model(Room)
    RoomBinding.objects.create(room=garden, content_type=of_rooms, object_id="1")
    with refused("forbidden"):
        room_update(user=alice, room="garden", kind="public")
    room_update(user=alice, room="garden", title="Roses")
    talk, _ = direct_room_open(user=alice, username="bob")
    with refused("forbidden"):
        room_update(user=alice, room=talk.slug, kind="public")


def test_moderators_read_who_is_banned_and_what_was_done(garden: Room, alice: Participant, bob: Participant) -> None:
    member_ban(user=alice, room="garden", username="bob", minutes=5, reason="noise")
    room_update(user=alice, room="garden", topic="quiet")
    [ban] = room_bans(garden).bans
    assert (ban.username, ban.by, ban.reason, ban.until is None) == ("bob", "alice", "noise", False)
    newest, oldest = room_audit(garden).entries
    assert (newest.by, newest.action, newest.username) == ("alice", "topic", "")
    assert (oldest.action, oldest.username, oldest.reason, oldest.detail) == ("ban", "bob", "noise", {"minutes": 5})
    assert room_audit(garden, before=newest.id).entries == [oldest]
    assert room_bans(garden, before=ban.id).bans == []
    Ban.objects.update(until=timezone.now())
    assert room_bans(garden).bans == []


def test_records_come_in_pages_of_one_query(
    garden: Room, alice: Participant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    AuditEntry.objects.bulk_create(
        AuditEntry(actor="alice", action="kick", room="garden", target=f"p{n}") for n in range(RECORDS_PAGE + 1)
    )
    with django_assert_num_queries(1):
        page = room_audit(garden)
    assert (len(page.entries), page.has_older, page.entries[0].username) == (RECORDS_PAGE, True, f"p{RECORDS_PAGE}")
    rest = room_audit(garden, before=page.entries[-1].id)
    assert ([entry.username for entry in rest.entries], rest.has_older) == (["p0"], False)
