"""Posting: a batch in one transaction, with a separate outcome for each draft."""

from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, OperationalError, connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from chat.models import Membership, Message, Participant, PreviewWork, Room
from chat.protocol.errors import ChatError
from chat.services import posting_sql, publishing
from chat.services.forwarding import Origin
from chat.services.members import room_join, room_leave
from chat.services.messages import message_delete, message_edit, message_react
from chat.services.moderation import room_clear
from chat.services.posting import Draft, Outcome, Posted, RoomBusy, messages_post
from chat.services.publishing import Moved, ThreadChange
from support import people
from tests.services.conftest import Heard


def post(*drafts: Draft) -> list[Outcome]:
    return messages_post(drafts)


def posted(draft: Draft) -> Posted:
    [outcome] = messages_post([draft])
    assert isinstance(outcome, Posted), outcome
    return outcome


def code(outcome: Outcome) -> str:
    assert isinstance(outcome, ChatError)
    return outcome.code.value


def numbers(room: Room) -> tuple[int, int]:
    room.refresh_from_db()
    return room.last_seq, room.last_rev


def test_bob_posts_and_the_whole_state_is_published(garden: Room, bob: Participant, heard: Heard) -> None:
    with heard() as told:
        outcome = posted(Draft(bob, "garden", "hello", client_id="c1"))
    assert (outcome.room, outcome.seq, outcome.rev, outcome.duplicate) == ("garden", 1, 1, False)
    assert told == [
        {
            "type": "message",
            "room": "garden",
            "seq": 1,
            "rev": 1,
            "kind": "text",
            "message": "hello",
            "username": "bob",
            "user_id": bob.pk,
            "author": "person",
            "display_name": "Bob",
            "timestamp": outcome.timestamp,
            "client_id": "c1",
            "reply_to": None,
            "edited_at": None,
            "deleted": False,
            "deleted_by": None,
            "reactions": {},
            "mentions": [],
            "files": [],
            "previews": [],
            "pinned": None,
            "thread": None,
            "in_room": True,
            "replies": None,
        }
    ]
    assert numbers(garden) == (1, 1)


def test_what_a_bot_posts_is_published_as_a_bots(garden: Room, bob: Participant, heard: Heard) -> None:
    Participant.objects.filter(pk=bob.pk).update(kind=Participant.Kind.BOT)
    with heard() as told:
        posted(Draft(bob, "garden", "hello"))
    assert [event["author"] for event in told] == ["bot"]


def test_numbers_are_dense_and_in_the_order_of_the_batch(
    garden: Room, alice: Participant, bob: Participant, heard: Heard
) -> None:
    other = people.room("shed", owner=bob)
    with heard() as told:
        outcomes = post(*(Draft((alice, bob)[n % 2], "garden", f"{n}") for n in range(10)), Draft(bob, "shed", "spade"))
    assert [outcome.seq for outcome in outcomes if isinstance(outcome, Posted)] == [*range(1, 11), 1]
    assert list(garden.messages.order_by("seq").values_list("seq", "rev", "text")) == [
        (n + 1, n + 1, str(n)) for n in range(10)
    ]
    assert [(event["room"], event["rev"]) for event in told] == [("garden", n) for n in range(1, 11)] + [("shed", 1)]
    assert (numbers(garden), numbers(other)) == ((10, 10), (1, 1))


def test_one_bad_draft_never_fails_its_neighbours(
    garden: Room, alice: Participant, bob: Participant, charlie: Participant
) -> None:
    Membership.objects.filter(user=alice).update(muted_until=timezone.now() + timedelta(minutes=1))
    gone = people.person("dora", is_active=False)
    Membership.objects.create(user=gone, room=garden)
    outcomes = post(
        Draft(bob, "garden", "one"),
        Draft(charlie, "garden", "I am outside"),
        Draft(alice, "garden", "I am muted"),
        Draft(gone, "garden", "I am gone"),
        Draft(bob, "nowhere", "hello?"),
        Draft(bob, "GARDEN", "names are exact"),
        Draft(bob, "garden", "x" * 10_001),
        Draft(bob, "garden", "to what?", reply_to=7),
        Draft(bob, "garden", "two", reply_to=1),
    )
    assert [code(outcome) for outcome in outcomes[1:-1]] == [
        *("not_found", "muted", "forbidden", "not_found", "not_found", "invalid", "not_found"),
    ]
    assert list(garden.messages.order_by("seq").values_list("seq", "text", "reply_to")) == [
        (1, "one", None),
        (2, "two", 1),
    ]
    assert numbers(garden) == (2, 2)


def test_nothing_is_written_when_every_draft_is_bad(garden: Room, charlie: Participant, heard: Heard) -> None:
    with heard() as told:
        [outcome] = post(Draft(charlie, "garden", "let me in"))
    assert code(outcome) == "not_found"
    assert told == []
    assert numbers(garden) == (0, 0)


def test_a_repeated_send_gives_the_first_message_again(garden: Room, bob: Participant, heard: Heard) -> None:
    first = posted(Draft(bob, "garden", "once", client_id="c1"))
    with heard() as told:
        again = posted(Draft(bob, "garden", "once", client_id="c1"))
    assert again == Posted("garden", first.seq, first.rev, first.timestamp, duplicate=True)
    assert told == []
    assert numbers(garden) == (1, 1)


def test_a_repeated_send_is_known_after_an_edit_and_after_a_deletion(garden: Room, bob: Participant) -> None:
    first = posted(Draft(bob, "garden", "once", client_id="c1"))
    message_edit(user=bob, room="garden", seq=first.seq, text="twice")
    assert posted(Draft(bob, "garden", "once", client_id="c1")).duplicate
    [outcome] = post(Draft(bob, "garden", "twice", client_id="c1"))
    assert code(outcome) == "conflict"
    message_delete(user=bob, room="garden", seq=first.seq)
    again = posted(Draft(bob, "garden", "once", client_id="c1"))
    assert (again.seq, again.rev, again.duplicate) == (1, 3, True)


def test_a_repeated_send_is_known_when_its_author_may_no_longer_post(garden: Room, bob: Participant) -> None:
    posted(Draft(bob, "garden", "once", client_id="c1"))
    Membership.objects.filter(user=bob).delete()
    assert posted(Draft(bob, "garden", "once", client_id="c1")).duplicate


def test_the_same_id_for_something_else_is_a_conflict(garden: Room, alice: Participant, bob: Participant) -> None:
    people.room("shed", owner=bob)
    posted(Draft(bob, "garden", "once", client_id="c1"))
    outcomes = post(
        Draft(bob, "garden", "other words", client_id="c1"),
        Draft(bob, "shed", "once", client_id="c1"),
        Draft(bob, "garden", "once", client_id="c1", reply_to=1),
        Draft(bob, "garden", "once", client_id="c1", files=("a" * 32,)),
    )
    assert [code(outcome) for outcome in outcomes] == ["conflict"] * 4
    assert isinstance(outcomes[0], ChatError)
    assert outcomes[0].fields == {"client_id": "was used before"}
    assert not posted(Draft(alice, "garden", "once", client_id="c1")).duplicate, "ids are each author's own"


def test_the_same_id_with_another_answered_message_is_a_conflict(garden: Room, bob: Participant) -> None:
    post(Draft(bob, "garden", "one"), Draft(bob, "garden", "two"))
    posted(Draft(bob, "garden", "yes", client_id="c1", reply_to=1))
    others = post(Draft(bob, "garden", "yes", client_id="c1", reply_to=2), Draft(bob, "garden", "yes", client_id="c1"))
    assert [code(outcome) for outcome in others] == ["conflict", "conflict"]
    assert posted(Draft(bob, "garden", "yes", client_id="c1", reply_to=1)).duplicate


@pytest.mark.parametrize(
    ("more", "digest"),
    [
        ({}, "f6ecaabae31b1dbe3ae3b5596bdb2b49"),
        ({"reply_to": 4, "files": ("f" * 32,)}, "7d4251cf80134bd90c2fbc4f9c0fa0cb"),
        ({"thread": 4, "in_room": False}, "182980eadf38c31d7ea751edf41fa413"),
        ({"origin": Origin("shed", 7)}, "2bff1c15b57d8e3386f9f0074ed8e048"),
    ],
    ids=["alone", "answer", "reply", "forward"],
)
def test_a_repeated_send_is_known_to_the_next_version(bob: Participant, more: dict[str, Any], digest: str) -> None:
    # The digest is stored with the message, and clients send again what a replaced server did not acknowledge.
    assert Draft(bob, "garden", "tea", client_id="c1", **more).digest == digest


class TakenError(Exception):
    """The error of PostgreSQL's driver for a key that exists already."""

    sqlstate = "23505"


def taken() -> DatabaseError:
    error = IntegrityError()
    error.__cause__ = TakenError()
    return error


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ([OperationalError()], None),
        ([IntegrityError(), OperationalError()], None),
        ([IntegrityError(), IntegrityError()], "invalid"),
        ([taken(), taken()], "unavailable"),
    ],
    ids=["away", "then away", "of the value", "taken twice"],
)
def test_what_the_database_refuses_twice_is_refused_and_nothing_is_tried_again_without_a_database(
    garden: Room, bob: Participant, monkeypatch: pytest.MonkeyPatch, errors: list[DatabaseError], expected: str | None
) -> None:
    waiting = list(errors)

    def fail(*_: Any, **__: Any) -> None:
        raise waiting.pop(0)

    monkeypatch.setattr(posting_sql, "lock_and_read", fail)
    if expected:
        assert [code(outcome) for outcome in post(Draft(bob, "garden", "tea"))] == [expected]
    else:
        with pytest.raises(OperationalError):
            post(Draft(bob, "garden", "tea"))
    assert waiting == []


def test_what_was_posted_before_an_outage_is_not_reported_as_failed(
    garden: Room, bob: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The whole batch, then its first message alone, then the others.
    waiting = [IntegrityError(), None, OperationalError()]
    read = posting_sql.lock_and_read

    def fail(*wanted: Collection[Any], wait: bool) -> posting_sql.Held:
        if error := waiting.pop(0):
            raise error
        return read(*wanted, wait=wait)

    monkeypatch.setattr(posting_sql, "lock_and_read", fail)
    first, *others = post(*(Draft(bob, "garden", text) for text in ("one", "two", "three")))
    assert isinstance(first, Posted)
    assert [code(other) for other in others] == ["unavailable"] * 2
    assert numbers(garden) == (1, 1)


def test_drafts_of_a_room_that_is_locked_elsewhere_are_to_be_sent_again(
    garden: Room, bob: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.room("shed", owner=bob)
    read = posting_sql.lock_and_read

    def skip_garden(*wanted: Collection[Any], wait: bool) -> posting_sql.Held:
        held = read(*wanted, wait=wait)
        return replace(held, rooms=[room for room in held.rooms if room.slug != "garden"])

    monkeypatch.setattr(posting_sql, "lock_and_read", skip_garden)
    busy, reply, free, lost, lost_reply = messages_post(
        [
            Draft(bob, "garden", "tea"),
            Draft(bob, "garden", "yes", thread=1),
            Draft(bob, "shed", "spade"),
            Draft(bob, "nowhere", "hello?"),
            Draft(bob, "nowhere", "yes", thread=1),
        ],
        wait=False,
    )
    assert isinstance(busy, RoomBusy)
    assert isinstance(reply, RoomBusy)
    assert isinstance(free, Posted)
    assert [code(one) for one in (busy, lost, lost_reply)] == ["unavailable", "not_found", "not_found"]


@pytest.mark.parametrize("wait", [True, False])
def test_the_search_for_a_bad_draft_waits_for_held_rooms_only_if_posting_may(
    garden: Room, bob: Participant, monkeypatch: pytest.MonkeyPatch, wait: bool
) -> None:
    waits: list[bool] = []
    read = posting_sql.lock_and_read

    def lock_and_read(*wanted: Collection[Any], wait: bool) -> posting_sql.Held:
        waits.append(wait)
        return read(*wanted, wait=wait)

    monkeypatch.setattr(posting_sql, "lock_and_read", lock_and_read)
    drafts = [Draft(bob, "garden", text) for text in ("one", "half a pair: \ud83d", "three", "four")]
    outcomes = messages_post(drafts, wait=wait)
    assert [isinstance(outcome, Posted) for outcome in outcomes] == [True, False, True, True]
    assert code(outcomes[1]) == "invalid"
    # The calls: all four drafts; both halves; the two of the first half; and the bad one again.
    assert waits == [wait] * 6


def test_repeats_and_conflicts_inside_one_batch(garden: Room, bob: Participant) -> None:
    Room.objects.filter(pk=garden.pk).update(last_rev=7)
    first, again, other = post(
        Draft(bob, "garden", "once", client_id="c1"),
        Draft(bob, "garden", "once", client_id="c1"),
        Draft(bob, "garden", "something else", client_id="c1"),
    )
    assert isinstance(first, Posted)
    assert (first.seq, first.rev, first.duplicate) == (1, 8, False)
    assert again == first._replace(duplicate=True)
    assert code(other) == "conflict"
    assert numbers(garden) == (1, 8)


def test_mentions_are_members_named_in_the_text(
    garden: Room, alice: Participant, bob: Participant, charlie: Participant
) -> None:
    people.room("shed", owner=bob, members=[charlie])
    outcomes = post(
        Draft(bob, "garden", "@Alice, @charlie and @nobody: see @alice and mail@bob.example"),
        Draft(bob, "shed", "nobody"),
        Draft(bob, "shed", "@charlie @alice"),
        Draft(bob, "garden", "nobody"),
    )
    assert all(isinstance(outcome, Posted) for outcome in outcomes)
    named = [
        (message.room.slug, [mention.user.username for mention in message.mentions.order_by("id")])
        for message in Message.objects.order_by("room__slug", "seq")
    ]
    assert named == [("garden", ["alice"]), ("garden", []), ("shed", []), ("shed", ["charlie"])]


def test_who_posts_has_read_so_far(garden: Room, alice: Participant, bob: Participant) -> None:
    post(Draft(alice, "garden", "one"), Draft(bob, "garden", "two"), Draft(alice, "garden", "three"))
    assert dict(garden.memberships.values_list("user__username", "read_seq")) == {"alice": 3, "bob": 2}


def test_the_read_mark_of_who_posts_is_published_once_and_not_moved_by_a_reply_that_the_room_does_not_show(
    garden: Room, alice: Participant, bob: Participant, django_capture_on_commit_callbacks: Any
) -> None:
    marks: list[Moved] = []
    threads: list[ThreadChange] = []

    def changed(*, moved: list[Moved], **_: Any) -> None:
        marks.extend(moved)

    def answered(*, changed: list[ThreadChange], **_: Any) -> None:
        threads.extend(changed)

    publishing.rooms_changed.connect(changed)
    publishing.threads_changed.connect(answered)
    with django_capture_on_commit_callbacks(execute=True):
        post(
            Draft(alice, "garden", "one"),
            Draft(bob, "garden", "two", socket="desk"),
            Draft(alice, "garden", "three"),
        )
        post(Draft(bob, "garden", "a reply", thread=3, in_room=False))
    assert marks == [Moved(alice.pk, garden.pk, "garden", 3), Moved(bob.pk, garden.pk, "garden", 2, socket="desk")]
    assert threads == [ThreadChange(garden.pk, 3)]
    assert Membership.objects.get(user=bob).read_seq == 2


def test_messages_with_an_address_wait_for_their_previews(garden: Room, bob: Participant, settings: Any) -> None:
    settings.CHAT_PREVIEWS = True
    # A phone's keyboard capitalizes the first character of a message.
    texts = ("plain", "see https://tea.example/", "hm", "Https://tea.example/", "Www.tea.example", "ask www or http")
    post(*(Draft(bob, "garden", text) for text in texts))
    assert list(PreviewWork.objects.values_list("room_id", "seq")) == [(garden.pk, seq) for seq in (2, 4, 5)]


def test_what_was_cleared_cannot_be_answered(garden: Room, alice: Participant, bob: Participant) -> None:
    posted(Draft(bob, "garden", "one"))
    room_clear(user=alice, room="garden")
    outcomes = post(
        Draft(bob, "garden", "two", reply_to=1), Draft(bob, "garden", "three"), Draft(bob, "garden", "four", reply_to=2)
    )
    assert code(outcomes[0]) == "not_found"
    assert isinstance(outcomes[2], Posted)


def test_text_is_kept_as_it_was_written(garden: Room, bob: Participant) -> None:
    text = "  <b>&amp;\r\n\t'\"\\ \u2028\x01\u202e 👩‍👧 "
    posted(Draft(bob, "garden", text))
    assert Message.objects.get().text == text


# Savepoint and release; rooms, memberships and known ids; messages, room and reading marks: PostgreSQL gets each of
# these groups in one statement. With mentions also: the members named, the messages that name them, and the mentions.
@pytest.mark.parametrize(("said", "more"), [("hello", 0), ("hello @{0}", 3)])
@pytest.mark.parametrize("people_in_batch", [1, 20])
def test_a_batch_costs_the_same_queries_for_any_number(
    garden: Room, people_in_batch: int, said: str, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    crowd = [people.person(f"p{n}") for n in range(people_in_batch)]
    Membership.objects.bulk_create(Membership(user=who, room=garden) for who in crowd)
    drafts = [Draft(who, "garden", said.format(who.username), client_id="c") for who in crowd]
    with django_assert_num_queries(more + (4 if connection.vendor == "postgresql" else 8)):
        outcomes = messages_post(drafts)
    assert all(isinstance(outcome, Posted) for outcome in outcomes)


def test_the_author_is_sent_the_people_named_who_are_not_members(
    alice: Participant, bob: Participant, charlie: Participant, garden: Room
) -> None:
    drafts = [
        Draft(alice, "garden", "@charlie @bob @nobody", client_id="c1"),
        Draft(alice, "garden", "@bob"),
        Draft(bob, "garden", "hm"),
        Draft(bob, "nowhere", "@charlie"),
        Draft(alice, "garden", "@charlie @bob @nobody", client_id="c1"),
    ]
    assert [outcome.outside if isinstance(outcome, Posted) else code(outcome) for outcome in messages_post(drafts)] == [
        ("charlie",),
        (),
        (),
        "not_found",
        (),
    ]


def test_only_moderators_write_in_a_room_for_announcements(garden: Room, alice: Participant, bob: Participant) -> None:
    first = posted(Draft(bob, "garden", "before"))
    Room.objects.filter(pk=garden.pk).update(posting="moderators")
    assert code(post(Draft(bob, "garden", "hello"))[0]) == "forbidden"
    posted(Draft(alice, "garden", "news"))
    with pytest.raises(ChatError, match="forbidden"):
        message_edit(user=bob, room="garden", seq=first.seq, text="news of mine")
    message_react(user=bob, room="garden", seq=first.seq, emoji="👍", on=True)


def test_slow_mode_counts_from_the_last_message_of_a_member(garden: Room, alice: Participant, bob: Participant) -> None:
    Room.objects.filter(pk=garden.pk).update(slow_seconds=60)
    # Sent from two devices at the same moment.
    first, second, again, other = post(
        Draft(bob, "garden", "one", client_id="1"),
        Draft(bob, "garden", "two", client_id="2"),
        Draft(bob, "garden", "one", client_id="1"),
        Draft(alice, "garden", "three"),
    )
    assert isinstance(first, Posted)
    assert isinstance(again, Posted)
    assert again.duplicate
    assert isinstance(other, Posted)
    assert isinstance(second, ChatError)
    assert second.code == "rate_limited"
    assert second.retry_after
    assert 59 < second.retry_after <= 60
    posted(Draft(alice, "garden", "four"))
    # The current setting applies.
    Room.objects.filter(pk=garden.pk).update(slow_seconds=0)
    posted(Draft(bob, "garden", "two", client_id="2"))
    Room.objects.filter(pk=garden.pk).update(slow_seconds=60)
    Membership.objects.filter(user=bob).update(posted_at=timezone.now() - timedelta(seconds=61))
    posted(Draft(bob, "garden", "five"))


def test_slow_mode_goes_on_when_a_member_leaves_and_comes_back(alice: Participant, bob: Participant) -> None:
    square = people.room("square", owner=alice, members=[bob], kind=Room.Kind.PUBLIC)
    posted(Draft(bob, "square", "before it was slow"))
    Room.objects.filter(pk=square.pk).update(slow_seconds=60)
    room_leave(user=bob, room="square")
    room_join(user=bob, room="square")
    [outcome] = post(Draft(bob, "square", "again"))
    assert isinstance(outcome, ChatError)
    assert outcome.code == "rate_limited"
