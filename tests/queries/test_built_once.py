"""Frequent queries use statements that are built once: the ORM spent most of a server's time building them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models.sql.compiler import SQLCompiler

from chat.models import Participant, Room
from chat.queries.history import resumed_after
from chat.queries.message_states import reactions_of, rows_among
from chat.queries.rooms import room_entries
from chat.services.messages import message_react
from chat.services.posting import Draft, messages_post
from chat.services.read_state import ReadMark, TypingMark, UnreadMark, marks_save
from support.people import room

# So far apart that a range of ids contains other messages.
APART = 40


@pytest.fixture
def built(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], Any]], int]:
    """The number of statements that the ORM builds when some work is done a second time."""
    calls: list[object] = []
    build = SQLCompiler.as_sql

    def counted(self: SQLCompiler, *args: Any, **kwargs: Any) -> Any:
        calls.append(self)
        return build(self, *args, **kwargs)

    monkeypatch.setattr(SQLCompiler, "as_sql", counted)

    def count(work: Callable[[], Any]) -> int:
        work()
        calls.clear()
        work()
        return len(calls)

    return count


@pytest.fixture(autouse=True)
def _said(garden: Room, alice: Participant, bob: Participant) -> None:
    attic = room("attic", owner=alice, members=[bob])
    for number in range(4):
        messages_post([Draft(alice, "garden", f"line {number}")])
        messages_post([Draft(alice, attic.slug, "beside")] * APART)
    garden.refresh_from_db()


def test_marks(built: Callable[[Callable[[], Any]], int], garden: Room, bob: Participant) -> None:
    read, unread = ReadMark(bob.pk, garden.pk, 3), UnreadMark(bob.pk, garden.pk, 2)
    assert built(lambda: marks_save([read, unread, TypingMark(bob.pk, garden.pk, is_typing=True)])) == 0


def test_the_entry_of_a_room(built: Callable[[Callable[[], Any]], int], garden: Room, bob: Participant) -> None:
    [found] = room_entries(bob, room_ids=[garden.pk])
    assert found.entry.unread == 4
    assert built(lambda: room_entries(bob, room_ids=[garden.pk])) == 0
    assert room_entries(bob, room_ids=[]) == []
    assert room_entries(bob, room_ids=[garden.pk], after="garden") == []


def test_a_resume_and_the_messages_of_a_search(
    built: Callable[[Callable[[], Any]], int], garden: Room, alice: Participant, bob: Participant
) -> None:
    message_react(user=bob, room="garden", seq=1, emoji="🌻", on=True)
    garden.refresh_from_db()
    [first, *_] = (message.pk for message in garden.messages.order_by("seq"))
    ids = [message.pk for message in garden.messages.all()]
    assert dict(reactions_of(ids)) == {first: {"🌻": ["bob"]}}
    assert built(lambda: resumed_after(garden, 1)) == 0
    assert len(resumed_after(garden, 1).messages) == 4
    assert built(lambda: rows_among(ids)) == 0
    assert {row.text for row in rows_among(ids)} == {f"line {number}" for number in range(4)}
