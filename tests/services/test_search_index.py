"""The search index follows the messages: posts, edits, deletions, clearing, and rows removed from the tables."""

from datetime import UTC, datetime
from time import time

import pytest
from django.db import connection

from chat.models import File, Message, Participant, Room, SearchCursor, SearchDocument
from chat.models.search import GIN_TERMS, ID_BITS, LAST_SECOND, period_prefix
from chat.search.tokens import VERSION
from chat.services import search_documents, search_index
from chat.services.messages import message_delete, message_edit, message_react
from chat.services.moderation import room_clear
from chat.services.posting import Draft, messages_post
from support import people

LONG_AGO = datetime(2026, 1, 1, 12, tzinfo=UTC)


def say(user: Participant, *texts: str, room: str = "garden") -> None:
    messages_post([Draft(user, room, text) for text in texts])


def index() -> None:
    while search_index.index_step():
        pass


def tokens(seq: int, room: str = "garden") -> set[str] | None:
    """The tokens of a message's document, without those of two words; None without a document."""
    message = Message.objects.get(room__slug=room, seq=seq)
    found = SearchDocument.objects.filter(message_id=message.pk).values_list("tokens", flat=True).first()
    return None if found is None else {token for token in found.split() if token[0] != "~"}


def found(token: str) -> int:
    """The number of documents that the index itself finds by a token; a token without documents is an error."""
    seconds = [number >> ID_BITS for number, _ in documents()] + [int(time()), int(LONG_AGO.timestamp())]
    terms = {period_prefix(second) + token for second in seconds}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            query = " | ".join(f"'{term}'" for term in terms)
            cursor.execute(f"SELECT count(*) FROM chat_searchdocument WHERE {GIN_TERMS} @@ %s::tsquery", [query])
            return int(cursor.fetchone()[0])
        match = " OR ".join(f'"{term}"' for term in terms)
        cursor.execute("SELECT rowid FROM chat_searchtokens WHERE chat_searchtokens MATCH %s", [match])
        there = {LAST_SECOND - row for (row,) in cursor.fetchall()}
    having = [number >> ID_BITS for number, tokens in documents() if token in tokens]
    assert there == set(having)
    return len(having)


def documents() -> list[tuple[int, list[str]]]:
    return [(number, tokens.split()) for number, tokens in SearchDocument.objects.values_list("number", "tokens")]


def test_posts_are_indexed_and_lines_are_not(alice: Participant, garden: Room) -> None:
    say(alice, "Hello world", "東京 see https://example.org `x`")
    Room.objects.filter(pk=garden.pk).update(title="Garden")
    index()
    facts = {f"!r{garden.pk}", f"!a{alice.pk}", f"!r{garden.pk}!a{alice.pk}"}
    assert tokens(1) == {"hello", "world"} | facts
    assert tokens(2) == {"東京", "京", "see", "https", "example", "org", "x", "!hl", "!hc"} | facts
    assert found("hello") == 1
    assert search_index.index_step() == 0


def test_files_are_found_by_their_message(alice: Participant, garden: Room) -> None:
    say(alice, "a picture", "a plan")
    for seq, media_type in ((1, "image/png"), (2, "application/pdf")):
        File.objects.create(
            uploader=alice,
            message=Message.objects.get(room=garden, seq=seq),
            state=File.State.READY,
            name="file",
            length=1,
            size=1,
            media_type=media_type,
        )
    index()
    assert {"!hf", "!hi"} <= (tokens(1) or set())
    assert (tokens(2) or set()) & {"!hf", "!hi"} == {"!hf"}


def test_edits_and_reactions_replace_the_document(alice: Participant, garden: Room) -> None:
    say(alice, "telemetry")
    index()
    message_edit(user=alice, room="garden", seq=1, text="buoys")
    message_react(user=alice, room="garden", seq=1, emoji="👍", on=True)
    index()
    facts = {f"!r{garden.pk}", f"!a{alice.pk}", f"!r{garden.pk}!a{alice.pk}"}
    assert tokens(1) == {"buoys", "!hr"} | facts
    assert (found("telemetry"), found("buoys")) == (0, 1)


def test_a_deleted_message_leaves_nothing(alice: Participant, garden: Room) -> None:
    say(alice, "secret", "kept")
    index()
    message_delete(user=alice, room="garden", seq=1)
    index()
    assert tokens(1) is None
    assert (found("secret"), found("kept")) == (0, 1)


def test_messages_of_one_second_change_without_each_other(alice: Participant, garden: Room) -> None:
    say(alice, "red apple", "green apple", "pear")
    Message.objects.update(created_at=LONG_AGO.replace(microsecond=500))
    index()
    assert [found(word) for word in ("apple", "red", "pear")] == [2, 1, 1]
    message_delete(user=alice, room="garden", seq=1)
    message_edit(user=alice, room="garden", seq=3, text="apple")
    index()
    assert [found(word) for word in ("apple", "red", "green", "pear")] == [2, 0, 1, 0]
    for seq in (2, 3):
        message_delete(user=alice, room="garden", seq=seq)
    index()
    assert [found(word) for word in ("apple", "green", f"!a{alice.pk}")] == [0, 0, 0]
    say(alice, "red")
    Message.objects.filter(text="red").update(created_at=LONG_AGO)
    index()
    assert found("red") == 1


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL builds the index anew instead")
def test_packing_drops_the_words_of_deleted_messages(alice: Participant, garden: Room) -> None:
    for text in ("secret", "kept", "more"):
        say(alice, text)
        index()
    message_delete(user=alice, room="garden", seq=1)
    index()

    def holds(word: bytes) -> bool:
        with connection.cursor() as cursor:
            cursor.execute("SELECT block FROM chat_searchtokens_data")
            return any(word in block for (block,) in cursor.fetchall())

    assert holds(b"secret")
    assert len(list(search_documents.documents_pack())) < 5
    assert not holds(b"secret")
    assert (holds(b"kept"), found("kept"), found("more")) == (True, 1, 1)


def test_a_cleared_room_leaves_nothing(alice: Participant, garden: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "STEP", 2)
    say(alice, *(f"before {n}" for n in range(5)))
    index()
    room_clear(user=alice, room="garden")
    message_edit(user=people.person("root", is_staff=True), room="garden", seq=1, text="hidden", via_admin=True)
    say(alice, "afterwards")
    index()
    assert (found("before"), found("hidden"), found("afterwards")) == (0, 0, 1)
    assert SearchDocument.objects.count() == 1


def test_a_deleted_room_leaves_nothing(alice: Participant, garden: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_index, "STEP", 2)
    people.room("shed", owner=alice)
    say(alice, "one", "two", "three")
    say(alice, "tools", room="shed")
    index()
    Message.objects.filter(room=garden).delete()
    gone = garden.pk
    garden.delete()
    while search_index.index_forget_rooms():
        pass
    assert SearchDocument.objects.count() == found("tools") == 1
    assert not SearchCursor.objects.filter(pk=gone).exists()


def test_the_sweep_removes_what_retention_left(
    alice: Participant, garden: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "SWEEP_STEP", 2)
    say(alice, "old", "old", "new")
    index()
    Message.objects.filter(seq__lt=3).delete()
    at: int | None = -1
    while at is not None:
        at = search_index.index_sweep(at)
    assert (found("old"), found("new")) == (0, 1)


def test_what_was_there_before_the_index_is_filled_from_the_newest_back(
    alice: Participant, garden: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "STEP", 2)
    say(alice, *(f"number {n}" for n in range(1, 6)))
    search_index.index_step()
    search_index.index_step()
    assert [tokens(seq) is not None for seq in range(1, 6)] == [False, False, False, True, True]
    assert search_index.index_progress() == search_index.Progress(waiting=3, messages=5)
    # Later changes come first, even for messages that are not indexed yet.
    message_edit(user=alice, room="garden", seq=1, text="changed")
    search_index.index_step()
    assert found("changed") == 1
    index()
    assert found("number") == 4
    assert search_index.index_progress() == search_index.Progress(waiting=0, messages=5)


def test_tokens_of_another_version_are_made_anew(alice: Participant, garden: Room) -> None:
    say(alice, "hello")
    index()
    SearchCursor.objects.update(version="0")
    search_documents.documents_drop(SearchDocument.objects.values_list("number", flat=True))
    index()
    assert found("hello") == 0
    search_index.index_begin_again(outdated=True)
    index()
    assert found("hello") == 1
    assert set(SearchCursor.objects.values_list("version", flat=True)) == {VERSION}


def test_a_step_that_another_process_overtook_writes_nothing(
    alice: Participant, garden: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(alice, "first")
    index()
    message_edit(user=alice, room="garden", seq=1, text="stale")
    read = search_documents.documents_of

    def overtaken(sources: list[search_documents.Source]) -> list[tuple[int, int, int, str]]:
        documents = read(sources)
        monkeypatch.setattr(search_index, "documents_of", read)
        message_edit(user=alice, room="garden", seq=1, text="newest")
        index()
        return documents

    monkeypatch.setattr(search_index, "documents_of", overtaken)
    search_index.index_step()
    index()
    assert (found("stale"), found("newest")) == (0, 1)


def test_many_rooms_are_followed_in_steps_also_where_one_message_changed_often(
    alice: Participant, garden: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    rooms = [f"room-{n}" for n in range(5)]
    for room in rooms:
        people.room(room, owner=alice)
    index()
    monkeypatch.setattr(search_index, "STEP", 4)
    for n in range(6):
        say(alice, f"draft {n}", room="garden") if n == 0 else message_edit(
            user=alice, room="garden", seq=1, text=f"draft {n}"
        )
    for room in rooms:
        say(alice, "tea", "tea with milk", room=room)
    done = []
    while step := search_index.index_step():
        done.append(step)
    assert done == [4, 4, 3]
    assert (found("draft"), found("tea"), found("milk")) == (1, 10, 5)
    cursors = SearchCursor.objects.values_list("room__last_rev", "rev")
    assert all(last == at for last, at in cursors)


def test_a_flood_in_one_room_delays_no_message_of_another(
    alice: Participant, garden: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    people.room("quiet", owner=alice)
    people.room("new", owner=alice)
    index()
    monkeypatch.setattr(search_index, "STEP", 4)
    say(alice, *["flood"] * 9)
    say(alice, "tea", room="quiet")
    # The same step creates a cursor for a room without one.
    SearchCursor.objects.get(room__slug="new").delete()
    assert search_index.index_step() == 4
    assert (found("tea"), found("flood")) == (1, 3)
    assert SearchCursor.objects.filter(room__slug="new").exists()
    index()
    assert (found("tea"), found("flood")) == (1, 9)


def test_an_index_without_work_asks_two_questions(
    alice: Participant, garden: Room, django_assert_num_queries: object
) -> None:
    say(alice, "hello")
    index()
    with django_assert_num_queries(2):  # type: ignore[operator]
        assert search_index.index_step() == 0
