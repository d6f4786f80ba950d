"""Who finds what: words, filters, pages, and messages that must never be found."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from time import monotonic
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.models import Ban, File, Membership, Message, Participant, Room, SearchCursor, SearchDocument
from chat.protocol.errors import ChatError
from chat.queries import search_lookup
from chat.queries.search import Results, search
from chat.queries.search_scope import Scope
from chat.search.query import parse
from chat.services import search_index
from chat.services.messages import message_delete, message_edit, message_react
from chat.services.moderation import room_clear
from chat.services.people import person_block
from chat.services.posting import Draft, messages_post
from chat.services.rooms import direct_room_open, group_room_open
from support import people

# Both lookups: among the newest documents, and in the index itself.
NEWEST = [search_lookup.NEWEST, 1]


@pytest.fixture(params=NEWEST, ids=["among the newest", "by the index"])
def both_ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search_lookup, "NEWEST", request.param)


def say(user: Participant, *texts: str, room: str = "garden") -> None:
    messages_post([Draft(user, room, text) for text in texts])
    index()


def index() -> None:
    while search_index.index_step():
        pass


def texts(user: Participant, query: str, **options: Any) -> list[str]:
    return [hit.message.message for hit in search(user=user, query=query, **options).hits]


@pytest.mark.usefixtures("both_ways")
def test_words_must_all_match_and_the_newest_comes_first(alice: Participant, bob: Participant, garden: Room) -> None:
    say(alice, "the telemetry of the buoy", "a buoy", "Télé buoys, twice")
    assert texts(bob, "tele buoy") == ["Télé buoys, twice", "the telemetry of the buoy"]
    assert texts(bob, '"the buoy"') == ["the telemetry of the buoy"]
    assert texts(bob, "buoy -twice -telemetry") == ["a buoy"]
    assert texts(bob, "-buoy") == []
    assert texts(bob, "buoy nothing") == []
    assert texts(bob, "a") == ["a buoy"]


@pytest.mark.usefixtures("both_ways")
def test_filters(alice: Participant, bob: Participant, garden: Room) -> None:
    people.room("shed", owner=alice, members=[bob])
    say(alice, "see https://example.org", "plain")
    say(bob, "`code` by bob")
    say(alice, "in the shed", room="shed")
    message_react(user=bob, room="garden", seq=2, emoji="👍", on=True)
    index()
    assert texts(bob, "from:me") == ["`code` by bob"]
    assert texts(bob, "from:ALICE in:#garden") == ["plain", "see https://example.org"]
    assert texts(bob, "from:alice from:bob in:Garden -from:alice") == ["`code` by bob"]
    assert texts(bob, "in:shed") == ["in the shed"]
    assert texts(bob, "-in:garden") == ["in the shed"]
    assert texts(bob, "has:link") == ["see https://example.org"]
    assert texts(bob, "has:code") == ["`code` by bob"]
    assert texts(bob, "has:reaction") == ["plain"]
    assert texts(bob, "-has:link -has:code in:garden") == ["plain"]
    for none in ("has:file", "has:image", "has:pin", "is:thread", "is:saved"):
        assert search(user=bob, query=none) == Results()


def test_links_of_a_room_and_a_person_are_found_however_they_are_written(
    alice: Participant, bob: Participant, charlie: Participant, garden: Room
) -> None:
    people.room("shed", owner=alice, members=[charlie], kind="private")
    say(alice, "see https://example.org", "[tides](HTTP://example.org/a)", "at www.example.org, say", "awww.so.sweet")
    say(bob, "<https://example.org/b>", "mail@www.example.org")
    say(alice, "https://example.org/shed", room="shed")
    index()
    everybody = ["<https://example.org/b>", "at www.example.org, say", "[tides](HTTP://example.org/a)"]
    assert texts(bob, "in:garden has:link") == [*everybody, "see https://example.org"]
    assert texts(bob, "in:garden has:link from:bob") == everybody[:1]
    # The answer is that for a room that does not exist.
    assert search(user=bob, query="in:shed has:link").hits == []
    hidden, missing = (search(user=bob, query=f"in:{room} has:link") for room in ("shed", "shod"))
    assert [warning.replace("shed", "shod") for warning in hidden.warnings] == missing.warnings


def test_messages_are_found_by_their_files(alice: Participant, garden: Room) -> None:
    facts = {"uploader": alice, "state": File.State.READY, "length": 1, "size": 1}
    messages_post([Draft(alice, "garden", text) for text in ("notes", "picture", "neither")])
    for seq, name, media_type in ((1, "a.txt", "text/plain"), (2, "b.png", "image/png")):
        message = Message.objects.get(room=garden, seq=seq)
        File.objects.create(message=message, name=name, media_type=media_type, **facts)
    index()
    assert texts(alice, "has:file") == ["picture", "notes"]
    assert texts(alice, "has:image") == ["picture"]
    assert texts(alice, "-has:file") == ["neither"]


@pytest.mark.usefixtures("both_ways")
def test_days(alice: Participant, garden: Room) -> None:
    say(alice, "early", "late")
    zone = timezone.get_fixed_timezone(0)
    for seq, at in ((1, datetime(2026, 10, 31, 23, 30, tzinfo=zone)), (2, datetime(2026, 11, 1, 23, 30, tzinfo=zone))):
        Message.objects.filter(seq=seq).update(created_at=at)
    SearchDocument.objects.all().delete()
    search_index.index_begin_again()
    index()
    assert texts(alice, "on:2026-11-01") == ["late"]
    assert texts(alice, "on:2026-11-01", zone="Europe/Berlin") == ["early"]
    assert texts(alice, "before:2026-11-01") == ["early"]
    assert texts(alice, "after:2026-10-31") == ["late"]
    assert texts(alice, "after:2026-11-01") == []
    assert texts(alice, "before:9990-01-01 late") == ["late"]


def test_an_unknown_name_finds_nothing_and_says_so(
    alice: Participant, bob: Participant, charlie: Participant, garden: Room
) -> None:
    people.room("secret", owner=charlie)
    say(alice, "hello")
    assert search(user=bob, query="hello from:zoe").warnings == ["from:zoe: there is no such person."]
    # A room that exists, and one that does not.
    for name in ("secret", "nowhere"):
        hidden = search(user=bob, query=f"hello in:{name}")
        assert hidden == Results(warnings=[f"in:{name}: there is no such room, or you may not see it."])


def test_no_one_finds_what_they_may_not_read(
    alice: Participant, bob: Participant, charlie: Participant, garden: Room
) -> None:
    square = people.room("square", owner=alice, kind=Room.Kind.PUBLIC)
    say(alice, "word in private")
    say(alice, "word in public", room="square")
    direct, _ = direct_room_open(user=alice, username="bob")
    say(alice, "word to bob", room=direct.slug)
    assert texts(bob, "word") == ["word to bob", "word in private"]
    assert texts(charlie, "word") == []
    assert texts(charlie, "word", public=True) == texts(charlie, "word in:square") == ["word in public"]
    assert texts(charlie, f"in:{direct.slug}") == texts(charlie, "in:garden") == []
    Ban.objects.create(room=square, user=charlie)
    assert texts(charlie, "word", public=True) == texts(charlie, "in:square") == []
    Membership.objects.filter(user=bob, room=garden).delete()
    assert texts(bob, "word") == ["word to bob"]
    assert texts(bob, "with:alice") == ["word to bob"]
    assert texts(alice, "with:me") == texts(alice, "with:charlie") == []


def test_a_direct_room_has_the_name_of_the_other_person(alice: Participant, bob: Participant, garden: Room) -> None:
    direct, _ = direct_room_open(user=alice, username="bob")
    say(alice, "word", room=direct.slug)
    say(alice, "word")
    assert [hit.title for hit in search(user=bob, query="word").hits] == ["Garden", "Alice"]


def test_a_group_has_the_names_of_the_others(alice: Participant, bob: Participant, charlie: Participant) -> None:
    room, _ = group_room_open(user=alice, usernames=["bob", "charlie"])
    say(alice, "buoys", room=room.slug)
    [hit] = search(user=bob, query="buoys").hits
    assert hit.title == ", ".join(one.shown_name for one in (alice, charlie))


@pytest.mark.usefixtures("both_ways")
def test_what_the_page_folds_is_found_by_a_query_that_names_the_person(
    alice: Participant, bob: Participant, garden: Room
) -> None:
    say(alice, "a buoy of alice")
    say(bob, "a buoy of bob")
    person_block(user=bob, username="alice", on=True)
    assert texts(bob, "buoy") == ["a buoy of bob"]
    assert texts(bob, "buoy from:alice") == ["a buoy of alice"]
    assert texts(alice, "buoy") == ["a buoy of bob", "a buoy of alice"]


def test_a_query_of_many_signs_without_spaces_is_answered(alice: Participant, garden: Room) -> None:
    signs = "".join(chr(0x4E00 + number) for number in range(1_990))
    say(alice, signs, signs[:100])
    assert texts(alice, signs) == [signs]
    assert texts(alice, f"-{signs} from:me") == [signs[:100]]


def test_what_changed_a_moment_ago_is_not_found_by_its_old_text(alice: Participant, garden: Room) -> None:
    say(alice, "word one", "word two", "word three")
    message_edit(user=alice, room="garden", seq=1, text="other")
    message_delete(user=alice, room="garden", seq=2)
    # Not indexed again yet.
    assert texts(alice, "word") == ["word three"]
    room_clear(user=alice, room="garden")
    assert texts(alice, "word") == []


@pytest.mark.usefixtures("both_ways")
def test_pages_lead_through_everything_once(alice: Participant, garden: Room) -> None:
    say(alice, *(f"word {n}" for n in range(7)), "other")
    seen, after = [], None
    while True:
        page = search(user=alice, query="word", limit=3, after=after)
        seen.append([hit.message.seq for hit in page.hits])
        after = page.next
        if after is None:
            break
    assert seen == [[7, 6, 5], [4, 3, 2], [1]]
    assert search(user=alice, query="word", limit=7).next is None


@pytest.mark.usefixtures("both_ways")
def test_messages_of_one_second_have_pages_too(alice: Participant, garden: Room) -> None:
    messages_post([Draft(alice, "garden", f"word {n}") for n in range(7)] + [Draft(alice, "garden", "other")])
    Message.objects.update(created_at=datetime(2026, 11, 1, 12, 0, 0, tzinfo=UTC))
    index()
    seen, after = [], None
    for _ in range(3):
        page = search(user=alice, query='"word"', limit=3, after=after)
        seen.append([hit.message.seq for hit in page.hits])
        after = page.next
    assert (seen, after) == ([[7, 6, 5], [4, 3, 2], [1]], None)
    assert texts(alice, '"word" other') == []
    assert texts(alice, "other -word") == ["other"]


def test_the_best_matches_come_first_and_have_pages(alice: Participant, garden: Room) -> None:
    say(alice, "big dog", "a big and bad dog", "dogs, big ones", "a big dog", "cat")
    best = ["a big dog", "big dog", "a big and bad dog", "dogs, big ones"]
    assert texts(alice, "big dog", order="best") == best
    first = search(user=alice, query="big dog", order="best", limit=3)
    say(alice, "big dog, posted meanwhile")
    rest = search(user=alice, query="big dog", order="best", limit=3, after=first.next)
    assert ([hit.message.message for hit in rest.hits], rest.next) == (best[3:], None)


@pytest.mark.usefixtures("both_ways")
def test_pages_lead_from_one_period_of_time_to_the_one_before(alice: Participant, garden: Room) -> None:
    messages_post([Draft(alice, "garden", text) for text in ["a word", "other"] * 6])
    # One message per week, and the first four long before.
    for message in Message.objects.filter(seq__gt=4):
        Message.objects.filter(pk=message.pk).update(created_at=timezone.now() - timedelta(days=7 * (13 - message.seq)))
    for seq, year in ((4, 1971), (3, 1970), (2, 1969), (1, 1700)):
        Message.objects.filter(seq=seq).update(created_at=datetime(year, 1, 2, tzinfo=UTC))
    index()
    for query in ("word", '"a word"', "wo in:garden from:me"):
        seen, after = [], None
        for _ in range(3):
            page = search(user=alice, query=query, limit=2, after=after)
            seen.append([hit.message.seq for hit in page.hits])
            after = page.next
        assert (seen, after) == ([[11, 9], [7, 5], [3, 1]], None)
    assert texts(alice, "word before:1970-01-01") == ["a word"]
    assert texts(alice, "word before:1971-01-01") == ["a word", "a word"]
    assert texts(alice, "nothing") == []


def test_comparing_ends_after_the_time_that_a_search_may_take(
    alice: Participant, garden: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(alice, *["C dog"] * 9)
    monkeypatch.setattr("chat.queries.search_matches.LIMIT_SECONDS", 55)
    clock = count(monotonic(), 10)
    monkeypatch.setattr("chat.queries.search_matches.monotonic", lambda: next(clock))
    page = search(user=alice, query='"C++ dog"')
    assert (page.hits, len(page.warnings)) == ([], 1)
    assert page.next == str(SearchDocument.objects.order_by("-number")[5].number)


@pytest.mark.parametrize("after", ["", "x", "-1", "9" * 30, "٣", "1.", "1.9999", ".1"])
def test_a_place_that_no_page_gave_is_refused(alice: Participant, garden: Room, after: str) -> None:
    with pytest.raises(ChatError, match="invalid"):
        search(user=alice, query="word", after=after)


def test_a_phrase_among_many_texts_with_its_words_is_found(
    alice: Participant, garden: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.queries.search_matches.ROUNDS", (5, 5, 5))
    say(alice, "C++ dog", *["C dog"] * 40)
    page = search(user=alice, query='"C++ dog"', limit=1)
    places = []
    while page.next and not page.hits:
        places.append(page.next)
        page = search(user=alice, query='"C++ dog"', limit=1, after=page.next)
    assert [hit.message.seq for hit in page.hits] == [1]
    assert len(places) == 2


def run(statement: str) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def test_a_search_that_takes_too_long_shows_the_newest(
    alice: Participant, garden: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(alice, *(f"word {n}" for n in range(4)))
    monkeypatch.setattr(search_lookup, "NEWEST", 2)
    kind = search_lookup._SQLite if connection.vendor == "sqlite" else search_lookup._PostgreSQL
    slow = {
        "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i, i FROM n WHERE i < 0",
        "postgresql": "SELECT 1, 1 FROM pg_sleep(9)",
    }[connection.vendor]
    monkeypatch.setattr("chat.queries.search_matches.LIMIT_SECONDS", 0.05)
    monkeypatch.setattr(kind, "by_periods", lambda *_: run(slow))
    page = search(user=alice, query="word")
    assert [hit.message.seq for hit in page.hits] == [4, 3]
    assert page.warnings == ["The search took too long: only the newest messages were looked at."]
    further = search(user=alice, query="word", after=page.next)
    assert [hit.message.seq for hit in further.hits] == [2, 1]


def test_until_older_messages_are_indexed_the_time_is_given(
    alice: Participant, garden: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "STEP", 2)
    messages_post([Draft(alice, "garden", f"word {n}") for n in range(5)])
    now = timezone.now()
    for seq in range(1, 6):
        Message.objects.filter(seq=seq).update(created_at=now - timedelta(days=5 - seq))
    unbegun = search(user=alice, query="word")
    assert unbegun.hits == []
    assert unbegun.indexed_until is not None
    assert unbegun.indexed_until >= now
    search_index.index_step()
    search_index.index_step()
    page = search(user=alice, query="word")
    assert [hit.message.seq for hit in page.hits] == [5, 4]
    assert page.indexed_until is not None
    assert abs(page.indexed_until - (now - timedelta(days=1))) < timedelta(seconds=1)
    index()
    assert search(user=alice, query="word").indexed_until is None


def test_marks_are_offsets_in_code_points(alice: Participant, garden: Room) -> None:
    say(alice, "👨‍👩‍👧 the Télémetry 東京都")
    [hit] = search(user=alice, query="tele 東京").hits
    assert [hit.message.message[first:last] for first, last in hit.marks] == ["Télé", "東京"]


QUERIES = [
    "word",
    "in:garden has:link from:alice",
    '"word from"',
    "from:alice from:me in:garden with:bob word",
    "word has:link -on",
]


@pytest.mark.parametrize("query", QUERIES)
def test_the_number_of_queries_does_not_grow(
    alice: Participant, bob: Participant, garden: Room, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            search(user=alice, query=query, limit=100)
        return len([one for one in captured if "SAVEPOINT" not in one["sql"]])

    direct, _ = direct_room_open(user=alice, username="bob")
    say(alice, "word from https://a.example", room=direct.slug)
    say(alice, "word from https://a.example")
    few = asked()
    for number in range(30):
        people.room(f"room{number}", owner=alice, members=[bob])
        say(alice, f"word from @bob https://a.example {number}", room=f"room{number}")
    assert asked() <= few + 1
    assert few <= 14


def test_more_rooms_than_the_index_is_asked_for(
    alice: Participant, garden: Room, monkeypatch: pytest.MonkeyPatch, both_ways: Callable[[], None]
) -> None:
    monkeypatch.setattr("chat.queries.search_scope.FEW_ROOMS", 2)
    people.room("hidden", owner=people.person("zoe"))
    for slug in ("one", "two", "three"):
        people.room(slug, owner=alice)
        say(alice, f"word in {slug}", room=slug)
    say(Participant.objects.get(username="zoe"), "word in hidden", room="hidden")
    assert texts(alice, "word") == ["word in three", "word in two", "word in one"]
    assert texts(alice, "", public=True) == []
    assert texts(alice, "word", public=True) == texts(alice, "word")


def test_a_server_without_messages(alice: Participant, garden: Room) -> None:
    assert search(user=alice, query="word") == Results()
    assert SearchCursor.objects.count() == 0


def test_a_letter_beside_a_word_is_compared_and_a_sign_looked_up(alice: Participant) -> None:
    def looked_up(typed: str) -> set[str]:
        return {term.token for term in Scope(alice, parse(typed), public=False).wanted().every}

    assert looked_up("sun a") == {"sun"}
    assert looked_up("a") == {"a"}
    assert looked_up("sun ✅") == {"sun", "✅"}
    assert looked_up("sun 京") == {"sun", "京"}
