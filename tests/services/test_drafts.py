"""Drafts: the text written last is kept, and posting ends it."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.models import KeptDraft, Membership, Participant, Room
from chat.queries.drafts import draft_in, drafts_of
from chat.queries.profiles import own_facts
from chat.services import drafts
from chat.services.drafts import draft_save
from chat.services.members import room_leave
from chat.services.participants import participant_erase
from chat.services.posting import Draft, messages_post
from tests.services.test_messages import refused
from tests.services.test_people import told

__all__ = ["told"]

NOON = timezone.now().replace(microsecond=0) - timedelta(hours=1)


def keep(user: Participant, text: str, *, minutes: int = 0, **more: Any) -> str:
    return draft_save(user=user, room="garden", text=text, at=NOON + timedelta(minutes=minutes), **more).text


def kept(user: Participant) -> list[tuple[int | None, str]]:
    return [(draft.thread, draft.text) for draft in drafts_of(user).drafts]


def post(user: Participant, text: str = "hello") -> None:
    messages_post([Draft(user, "garden", text)])


def test_the_text_that_was_written_last_is_kept(garden: Room, alice: Participant, bob: Participant) -> None:
    assert keep(alice, "tea", minutes=1) == "tea"
    assert keep(alice, "tea at four", minutes=2) == "tea at four"
    assert keep(alice, "written before on the train", minutes=1) == "tea at four"
    post(bob)
    assert keep(alice, "in the thread", minutes=1, thread=1) == "in the thread"
    assert kept(alice) == [(None, "tea at four"), (1, "in the thread")]
    assert kept(bob) == []


def test_a_time_to_come_is_now(garden: Room, alice: Participant) -> None:
    draft_save(user=alice, room="garden", text="tea", at=timezone.now() + timedelta(days=400))
    assert KeptDraft.objects.get().at <= timezone.now()
    assert draft_save(user=alice, room="garden", text="cake").text == "cake"


@pytest.mark.parametrize("empty", ["", " \n"])
def test_a_deleted_draft_is_not_brought_back_by_an_older_text(garden: Room, alice: Participant, empty: str) -> None:
    assert keep(alice, empty) == ""
    assert not KeptDraft.objects.exists()
    keep(alice, "tea", minutes=1)
    assert keep(alice, empty, minutes=3) == ""
    assert keep(alice, "tea", minutes=2) == ""
    assert own_facts(alice.pk)["drafts"] is False
    assert keep(alice, "cake", minutes=4) == "cake"
    assert own_facts(alice.pk)["drafts"] is True


def test_posting_ends_the_draft_of_the_room_alone(garden: Room, alice: Participant, bob: Participant) -> None:
    post(bob)
    keep(alice, "tea", minutes=1)
    keep(alice, "in the thread", minutes=1, thread=1)
    keep(bob, "cake", minutes=1)
    post(alice, "tea")
    assert (kept(alice), kept(bob)) == ([(1, "in the thread")], [(None, "cake")])
    assert keep(alice, "te") == ""
    assert keep(alice, "and cake", minutes=2) == "and cake"
    messages_post([Draft(alice, "garden", "in the thread", thread=1)])
    assert kept(alice) == [(None, "and cake")]
    post(alice, "and cake")
    assert not Membership.objects.get(user=alice, room=garden).drafting
    # A scheduled message is posted while the person writes something else.
    messages_post([Draft(bob, "garden", "scheduled", ends_draft=False)])
    assert kept(bob) == [(None, "cake")]


def test_posting_costs_no_query_more_without_a_draft(
    garden: Room, alice: Participant, bob: Participant, django_assert_num_queries: Any
) -> None:
    with CaptureQueriesContext(connection) as without:
        post(alice)
    keep(bob, "tea")
    with django_assert_num_queries(len(without)):
        post(alice)
    assert draft_in(Membership.objects.get(user=bob)) == "tea"
    membership = Membership.objects.get(user=alice)
    with django_assert_num_queries(0):
        assert draft_in(membership) == ""


def test_the_persons_other_sockets_are_sent_each_change(
    garden: Room, alice: Participant, told: list[tuple[int, str]], django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        keep(alice, "tea", minutes=1, socket="here")
    with django_capture_on_commit_callbacks(execute=True):
        keep(alice, "older", socket="here")
        post(alice, "tea")
    events = [(user_id, json.loads(text)) for user_id, text in told]
    assert [(user_id, event["text"]) for user_id, event in events if event["type"] == "draft"] == [
        (alice.pk, "tea"),
        (alice.pk, ""),
    ]
    assert datetime.fromisoformat(events[0][1]["at"]) == NOON + timedelta(minutes=1)


def test_drafts_are_for_members_and_end_with_the_membership(
    garden: Room, alice: Participant, bob: Participant, charlie: Participant
) -> None:
    with refused("not_found"):
        keep(charlie, "let me in")
    Room.objects.filter(pk=garden.pk).update(kind="public")
    with refused("forbidden"):
        keep(charlie, "let me in")
    with refused("not_found"):
        keep(bob, "of no thread", thread=9_999)
    keep(bob, "tea")
    room_leave(user=bob, room="garden")
    assert not KeptDraft.objects.exists()
    keep(alice, "tea")
    participant_erase(user=alice)
    assert not KeptDraft.objects.exists()


def test_drafts_are_bounded(garden: Room, alice: Participant, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr(drafts, "DRAFTS_MAX", 2)
    monkeypatch.setattr(drafts, "CHARS_MAX", 40)
    settings.CHAT_MESSAGE_MAX_CHARS = 30
    for _ in range(4):
        post(alice)
    with refused("invalid"):
        keep(alice, "x" * 31)
    keep(alice, "one")
    keep(alice, "two", thread=1)
    with refused("forbidden"):
        keep(alice, "three", thread=2)
    keep(alice, "x" * 30, minutes=1)
    with refused("forbidden"):
        keep(alice, "y" * 11, thread=1, minutes=1)
    # Only the newest two deletions are remembered.
    for thread in (1, 2, 3, 4):
        keep(alice, "", thread=thread, minutes=9)
        keep(alice, "begun", thread=thread, minutes=10 + thread)
        keep(alice, "", thread=thread, minutes=20 + thread)
    remembered = KeptDraft.objects.exclude(thread=None).order_by("thread").values_list("thread", flat=True)
    assert list(remembered) == [2, 3, 4]
