"""Earlier texts of edited messages: what an edit keeps, who may read it, and every way in which it ends."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.models import HeldText, MessageVersion, Participant, Room
from chat.protocol.errors import ChatError
from chat.protocol.events import stamp
from chat.queries.history import PAGE_BYTES
from chat.services import versions
from chat.services.emptying import messages_empty
from chat.services.legal_holds import hold_begin
from chat.services.messages import message_delete, message_edit
from chat.services.moderation import room_clear
from chat.services.posting import Draft, messages_post
from chat.services.rooms import direct_room_open, room_update
from chat.services.versions import KEPT_FOR, VERSIONS_MAX, versions_drop, versions_of, versions_sweep


@pytest.fixture(autouse=True)
def _something_said(garden: Room, bob: Participant) -> None:
    messages_post([Draft(bob, "garden", "one"), Draft(bob, "garden", "two")])


def refused(code: str) -> pytest.RaisesExc[ChatError]:
    return pytest.raises(ChatError, match=f"^{code}: ")


def edit(user: Participant, *texts: str, seq: int = 1) -> None:
    for text in texts:
        message_edit(user=user, room="garden", seq=seq, text=text)


def read(user: Participant, seq: int = 1) -> list[str]:
    return [one.message for one in versions_of(user=user, room="garden", seq=seq).versions]


def kept() -> list[str]:
    return list(MessageVersion.objects.values_list("text", flat=True))


def test_an_edit_keeps_the_text_that_it_replaces_with_its_time(garden: Room, bob: Participant) -> None:
    edit(bob, "uno", "eins")
    message = garden.messages.get(seq=1)
    first, second = MessageVersion.objects.all()
    assert (first.text, first.written_at, first.replaced_at) == ("one", message.created_at, second.written_at)
    assert (second.text, second.replaced_at) == ("uno", message.edited_at)
    found = versions_of(user=bob, room="garden", seq=1)
    assert [one.message for one in found.versions] == ["one", "uno", "eins"]
    times = [message.created_at, second.written_at, message.edited_at]
    assert [one.timestamp for one in found.versions] == [stamp(at) for at in times if at]
    assert not found.more


def test_an_edit_to_the_same_text_keeps_nothing(bob: Participant) -> None:
    edit(bob, "one")
    assert (kept(), read(bob)) == ([], ["one"])


@pytest.mark.parametrize(
    ("setting", "texts"), [("moderators", ["one", "uno"]), ("members", ["one", "uno"]), ("off", None)]
)
def test_author_and_moderators_read_them_unless_none_are_kept(
    setting: str, texts: list[str] | None, alice: Participant, bob: Participant
) -> None:
    room_update(user=alice, room="garden", edit_history=setting)
    edit(bob, "uno")
    for who in (alice, bob):
        if texts is None:
            with refused("forbidden"):
                read(who)
        else:
            assert read(who) == texts
    assert (kept() == []) == (setting == "off")


def test_a_member_reads_those_of_others_where_the_room_lets_all(alice: Participant, bob: Participant) -> None:
    messages_post([Draft(alice, "garden", "three")])
    edit(alice, "drei", seq=3)
    with refused("forbidden"):
        read(bob, 3)
    room_update(user=alice, room="garden", edit_history="members")
    assert read(bob, 3) == ["three", "drei"]


def test_a_stranger_is_refused_as_for_a_missing_message(bob: Participant, charlie: Participant) -> None:
    edit(bob, "uno")
    with refused("not_found"):
        read(charlie)


def test_in_a_conversation_the_author_alone_reads_them(alice: Participant, bob: Participant) -> None:
    room, _ = direct_room_open(user=alice, username="bob")
    messages_post([Draft(bob, room.slug, "psst")])
    message_edit(user=bob, room=room.slug, seq=1, text="psst!")
    assert len(versions_of(user=bob, room=room.slug, seq=1).versions) == 2
    with refused("forbidden"):
        versions_of(user=alice, room=room.slug, seq=1)


def test_the_oldest_goes_when_there_are_more_than_the_limit(bob: Participant) -> None:
    texts = [f"text {n}" for n in range(VERSIONS_MAX + 2)]
    edit(bob, *texts)
    assert kept() == texts[1:-1]
    found = versions_of(user=bob, room="garden", seq=1)
    assert (len(found.versions), found.more) == (VERSIONS_MAX + 1, True)


def test_an_answer_fits_into_one_frame(bob: Participant) -> None:
    edit(bob, *[f"{n}" + "\x01" * 9_000 for n in range(10)])
    found = versions_of(user=bob, room="garden", seq=1)
    assert (1 < len(found.versions) < 10, found.more) == (True, True)
    assert found.versions[-1].message[0] == "9"
    assert len(found.encode()) < PAGE_BYTES + 1_000


def test_what_was_replaced_long_ago_is_neither_read_nor_kept(bob: Participant) -> None:
    edit(bob, "uno", "eins")
    first = MessageVersion.objects.filter(text="one")
    first.update(replaced_at=timezone.now() - KEPT_FOR - timedelta(minutes=1))
    assert read(bob) == ["uno", "eins"]
    assert (versions_sweep(), kept()) == (1, ["uno"])
    assert versions_sweep() == 0


def test_off_deletes_what_was_kept_in_the_room_alone(garden: Room, alice: Participant, bob: Participant) -> None:
    room, _ = direct_room_open(user=alice, username="bob")
    messages_post([Draft(bob, room.slug, "psst")])
    message_edit(user=bob, room=room.slug, seq=1, text="psst!")
    edit(bob, "uno")
    room_update(user=alice, room="garden", edit_history="off")
    room_update(user=alice, room="garden", edit_history="members")
    # Not deleted yet, but no one can read it.
    found = versions_of(user=bob, room="garden", seq=1)
    assert ([one.message for one in found.versions], found.more) == (["uno"], True)
    edit(bob, "eins")
    assert (versions_drop(), kept()) == (1, ["psst", "uno"])
    assert read(bob) == ["uno", "eins"]
    assert (versions_drop(), Room.objects.filter(drop_versions_until__isnull=False).exists()) == (0, False)


def test_a_room_that_turns_its_history_off_loses_it_in_small_transactions(
    garden: Room, alice: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "BATCH", 10)
    now = timezone.now()
    facts = {"message": garden.messages.get(seq=1), "text": "old", "written_at": now, "replaced_at": now}
    MessageVersion.objects.bulk_create(MessageVersion(**facts) for _ in range(25))
    room_update(user=alice, room="garden", edit_history="off")
    sizes: list[int] = []
    remove = versions.versions_remove

    def noted(found: QuerySet[MessageVersion]) -> int:
        sizes.append(found.count())
        return remove(found)

    monkeypatch.setattr(versions, "versions_remove", noted)
    assert (versions_drop(), sizes, kept()) == (25, [10, 10, 5], [])


def test_a_deleted_message_has_none(alice: Participant, bob: Participant) -> None:
    edit(bob, "uno")
    message_delete(user=alice, room="garden", seq=1)
    assert (kept(), HeldText.objects.count()) == ([], 0)
    for who in (alice, bob):
        with refused("not_found"):
            read(who)


def test_clearing_hides_them_and_emptying_removes_them(garden: Room, alice: Participant, bob: Participant) -> None:
    edit(bob, "uno")
    room_clear(user=alice, room="garden")
    with refused("not_found"):
        read(bob)
    # The system line that reports the clearing.
    with refused("not_found"):
        read(alice, 3)
    assert kept() == ["one"]
    messages_empty(garden, [garden.messages.get(seq=1)])
    assert kept() == []


def test_an_edit_from_the_admin_leaves_no_earlier_text(bob: Participant, alice: Participant) -> None:
    edit(bob, "secret", "uno")
    alice.is_staff = True
    alice.save()
    message_edit(user=alice, room="garden", seq=1, text="removed", via_admin=True)
    assert (kept(), read(bob)) == ([], ["removed"])


@pytest.mark.parametrize("end", ["delete", "off", "age", "admin"])
def test_a_hold_keeps_each_text_once_for_the_admin_alone(
    end: str, garden: Room, alice: Participant, bob: Participant
) -> None:
    edit(bob, "before the hold")
    hold_begin(actor="root", reason="Case 7", room=garden)
    edit(bob, "under the hold")
    if end == "delete":
        message_delete(user=bob, room="garden", seq=1)
    elif end == "off":
        room_update(user=alice, room="garden", edit_history="off")
        assert versions_drop() == 2
    elif end == "age":
        MessageVersion.objects.update(replaced_at=timezone.now() - 2 * KEPT_FOR)
        assert versions_sweep() == 2
    else:
        alice.is_staff = True
        alice.save()
        message_edit(user=alice, room="garden", seq=1, text="removed", via_admin=True)
    assert kept() == []
    held = {"one", "before the hold"} | ({"under the hold"} if end in ("delete", "admin") else set())
    assert sorted(HeldText.objects.values_list("text", flat=True)) == sorted(held)


def test_posting_reads_and_writes_nothing_of_them(bob: Participant) -> None:
    with CaptureQueriesContext(connection) as queries:
        messages_post([Draft(bob, "garden", "three")])
    assert not [query["sql"] for query in queries if "messageversion" in query["sql"]]
