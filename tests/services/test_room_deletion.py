"""A room is deleted permanently a week after the request, in small transactions, with everything in it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.models import (
    AuditEntry,
    File,
    Membership,
    Message,
    Participant,
    Reaction,
    Room,
    SearchDocument,
)
from chat.queries.records import room_audit
from chat.services import room_deletion
from chat.services.legal_holds import hold_begin, hold_end
from chat.services.messages import message_react
from chat.services.posting import Draft, messages_post
from chat.services.room_deletion import room_delete, room_keep, rooms_delete
from chat.services.rooms import room_create, room_update
from chat.services.search_index import index_forget_rooms, index_step
from support import people
from tests.services.test_messages import refused


@pytest.fixture
def boss() -> Participant:
    return people.person("boss", is_staff=True)


@pytest.fixture
def ruin(garden: Room, alice: Participant, bob: Participant) -> Room:
    """The garden, archived: five messages, one of them a picture with a reaction, and one the root of a thread."""
    posted = messages_post([Draft(bob, "garden", f"number {n} @alice") for n in range(4)])
    assert len(posted) == 4
    messages_post([Draft(alice, "garden", "a reply", thread=1)])
    message_react(user=alice, room="garden", seq=2, emoji="👍", on=True)
    File.objects.create(
        key="k" * 22,
        uploader=bob,
        name="a.png",
        length=1,
        size=1,
        message=Message.objects.get(seq=2),
        state=File.State.READY,
    )
    while index_step():
        pass
    return room_update(user=alice, room="garden", archived=True)


def over() -> None:
    Room.objects.exclude(delete_at=None).update(delete_at=timezone.now() - timedelta(seconds=1))


def test_nothing_goes_within_the_week_and_all_of_it_afterwards(
    ruin: Room, boss: Participant, alice: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room_deletion, "BATCH", 2)
    messages_post([Draft(alice, people.room("square", owner=alice).slug, "stays")])
    planned = room_delete(user=boss, room="garden", name="#Garden")
    assert planned.delete_at
    assert timedelta(days=6, hours=23) < planned.delete_at - timezone.now() <= timedelta(days=7)
    assert (rooms_delete(), Message.objects.filter(room=ruin).count()) == (0, 5)
    over()
    assert rooms_delete() == 1
    assert list(Room.objects.filter(slug="garden")) == []
    assert [message.text for message in Message.objects.all()] == ["stays"]
    assert not Reaction.objects.exists()
    assert not Membership.objects.filter(room_id=ruin.pk).exists()
    assert File.objects.get().state == File.State.GONE
    while index_forget_rooms():
        pass
    assert not SearchDocument.objects.filter(room_id=ruin.pk).exists()
    assert [entry.detail for entry in AuditEntry.objects.filter(detail__facts__has_key="deleted")] == [
        {"facts": {"deleted": True}},
        {"facts": {"deleted": True}},
    ]
    assert rooms_delete() == 0


def test_who_takes_the_name_of_a_deleted_room_reads_nothing_of_its_record(
    ruin: Room, boss: Participant, bob: Participant
) -> None:
    assert room_audit(ruin).entries
    room_delete(user=boss, room="garden", name="garden")
    over()
    assert rooms_delete() == 1
    taken = room_create(creator=bob, slug="garden")
    assert room_audit(taken).entries == []
    room_update(user=bob, room="garden", topic="begun anew")
    assert [entry.detail for entry in room_audit(taken).entries] == [{"facts": {"topic": "begun anew"}}]


def test_the_sockets_of_its_members_let_a_deleted_room_go(
    ruin: Room, boss: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[int] = []
    monkeypatch.setattr(room_deletion, "mark_access_changed", told.extend)
    members = set(Membership.objects.filter(room=ruin).values_list("user", flat=True))
    room_delete(user=boss, room="garden", name="garden")
    over()
    rooms_delete()
    assert members == set(told) != set()


def test_a_room_is_archived_first_and_its_name_typed(garden: Room, boss: Participant, alice: Participant) -> None:
    with refused("forbidden"):
        room_delete(user=boss, room="garden", name="Garden")
    room_update(user=alice, room="garden", archived=True)
    for name in ("", "garde", "square"):
        with refused("invalid"):
            room_delete(user=boss, room="garden", name=name)
    with refused("forbidden"):
        room_delete(user=alice, room="garden", name="Garden")
    with refused("not_found"):
        room_delete(user=boss, room="nowhere", name="nowhere")
    assert Room.objects.get(slug="garden").delete_at is None


def test_a_room_that_is_kept_or_brought_back_stays(ruin: Room, boss: Participant, alice: Participant) -> None:
    room_delete(user=boss, room="garden", name="garden")
    room_keep(user=boss, room="garden")
    over()
    assert rooms_delete() == 0
    room_delete(user=boss, room="garden", name="garden")
    room_update(user=alice, room="garden", archived=False)
    over()
    assert (rooms_delete(), Message.objects.filter(room=ruin).count()) == (0, 5)


def test_it_is_too_late_to_bring_a_room_back_that_is_going(ruin: Room, boss: Participant, alice: Participant) -> None:
    room_delete(user=boss, room="garden", name="garden")
    over()
    with refused("forbidden"):
        room_update(user=alice, room="garden", archived=False)
    with refused("forbidden"):
        room_keep(user=boss, room="garden")


def test_a_legal_hold_keeps_a_room_also_one_that_began_afterwards(
    ruin: Room, boss: Participant, bob: Participant
) -> None:
    hold = hold_begin(actor="root", reason="Case 7", person=bob)
    with refused("forbidden"):
        room_delete(user=boss, room="garden", name="garden")
    hold_end(hold, actor="root")
    room_delete(user=boss, room="garden", name="garden")
    hold_begin(actor="root", reason="Case 8", room=ruin)
    over()
    assert (rooms_delete(), Message.objects.filter(room=ruin).count()) == (0, 5)
