"""The newest messages in the chat's page: its HTML and its facts, who gets them, and their cost."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chat.models import Membership, Message, Participant, Room
from chat.pages import first_page, first_words
from chat.services.messages import message_delete, message_edit, message_react
from chat.services.pins import message_pin
from chat.services.posting import Draft, messages_post
from chat.services.profile import preferences_change
from support.html import faults
from support.people import alice, bob, charlie, login_of, person, room
from support.servers import ROOT

pytestmark = pytest.mark.django_db

# The elements of the rows and of the frame around them.
ELEMENTS = {
    *("header", "main", "noscript", "article", "div", "span", "p", "h1", "h2", "b", "i", "bdi", "time", "svg", "use"),
    *("button", "textarea", "a", "br", "strong", "em", "del", "blockquote", "ul", "ol", "li", "code", "pre", "figure"),
    *("figcaption", "table", "tr", "th", "td"),
}
BERLIN = {"time_zone": "Europe/Berlin"}


def opened(user: Participant, slug: str = "garden", cookies: dict[str, str] = BERLIN, language: str = "en-GB") -> str:
    client = Client(headers={"Accept-Language": language})
    client.force_login(login_of(user))
    for name, value in cookies.items():
        client.cookies[name] = value
    answer = client.get(f"/rooms/{slug}/")
    assert answer.status_code == 200
    return answer.content.decode()


def facts(html: str) -> dict[str, Any]:
    [text] = re.findall(r'<script id="page" type="application/json">(.*?)</script>', html, re.DOTALL)
    found: dict[str, Any] = json.loads(text)
    return found


def say(author: Participant, *texts: str, **more: Any) -> None:
    messages_post([Draft(author, "garden", text, **more) for text in texts])


def rows(html: str) -> list[int]:
    return [int(seq) for seq in re.findall(r'<article class="message[^"]*" data-seq="(\d+)"', html)]


def test_the_newest_messages_are_in_the_html_and_as_events() -> None:
    owner = alice()
    room("garden", owner=owner, members=[bob()])
    say(owner, "Good *morning*", "plain words", "last")
    html = opened(owner)
    assert rows(html) == [1, 2, 3]
    assert "Good <em>morning</em>" in html
    assert faults(html) == []
    page = facts(html)
    authenticated, listed, history = page["first"]
    assert (authenticated["type"], authenticated["username"]) == ("authenticated", "alice")
    assert ([entry["room"] for entry in listed["rooms"]], "more" in listed) == (["garden"], False)
    assert [message["message"] for message in history["messages"]] == ["Good *morning*", "plain words", "last"]
    assert page["rev"] == Room.objects.get(slug="garden").last_rev == history["messages"][-1]["rev"]


def test_hostile_text_ends_neither_the_html_nor_the_facts() -> None:
    owner = alice()
    room("garden", owner=owner)
    hostile = "</script><script>stolen=1</script><img src=x onerror=stolen=1> **&**"
    say(owner, hostile, "```\n</code><b>\n```", hostile.replace("*", ""))
    html = opened(owner)
    assert "<script>stolen" not in html
    assert "<img src=x" not in html
    assert "<b>\n" not in html
    assert facts(html)["first"][2]["messages"][0]["message"] == hostile
    assert not re.search(r"<style|\sstyle=|\son\w+=\"", html)
    assert faults(html) == []


def test_nothing_of_the_hostile_corpus_becomes_an_element() -> None:
    owner = alice()
    room("garden", owner=owner)
    corpus: list[str] = json.loads((ROOT / "tests" / "browser" / "hostile.json").read_text())
    for at in range(0, len(corpus), 50):
        say(owner, *corpus[at : at + 50])
        html = opened(owner).split('<main class="main">')[1].split('<script id="page"')[0]
        found = {name.lower() for name in re.findall(r"<([a-zA-Z][\w-]*)", html)}
        assert found <= ELEMENTS, found - ELEMENTS
        assert not re.search(r'<[^>"]*(?:"[^"]*"[^>"]*)*\s(?:style|on\w+)=', html)
        assert all(re.match("https?:|mailto:|/|[?]|#i-", address) for address in re.findall(r'href="([^"]*)"', html))


def test_others_are_not_sent_them_and_nothing_keeps_them() -> None:
    owner, stranger = alice(), charlie()
    room("garden", owner=owner)
    say(owner, "between us")
    client = Client()
    client.force_login(login_of(stranger))
    hidden, missing = client.get("/rooms/garden/"), client.get("/rooms/nowhere/")
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert b"between us" not in hidden.content
    assert Client().get("/rooms/garden/").status_code == 302
    client.force_login(login_of(owner))
    answer = client.get("/rooms/garden/")
    assert b"between us" in answer.content
    assert {"no-store", "private"} <= set(answer.headers["Cache-Control"].split(", "))


def test_who_looks_into_a_public_room_sees_its_messages_and_is_not_in_it() -> None:
    owner, stranger = alice(), charlie()
    room("garden", owner=owner, kind=Room.Kind.PUBLIC)
    say(owner, "for all")
    html = opened(stranger)
    assert rows(html) == [1]
    assert facts(html)["first"][1]["rooms"] == []
    assert ' fresh"' not in html


def test_the_line_stands_before_what_is_new() -> None:
    owner, reader = alice(), bob()
    room("garden", owner=owner, members=[reader])
    say(owner, "one", "two", "three")
    Membership.objects.filter(user=reader).update(read_seq=1)
    html = opened(reader)
    before, after = html.split('<div class="after">')
    assert (rows(before), rows(after)) == ([1], [2, 3])
    assert '<div class="new" role="separator"' in after
    assert re.findall(r'<article class="([^"]+)"', html) == ["message first", "message first fresh", "message fresh"]
    # First everything is read; then the line is above the page.
    Membership.objects.filter(user=reader).update(read_seq=3)
    assert '<div class="after">' not in opened(reader)
    say(owner, *(f"line {number}" for number in range(60)))
    assert '<div class="after">' not in opened(reader)


def test_what_became_of_a_message() -> None:
    owner, reader = alice(), bob()
    room("garden", owner=owner, members=[reader])
    say(owner, "tea?", "wrng", "gone", "call @bob")
    say(reader, "yes", reply_to=1)
    say(reader, "in the thread", thread=1)
    message_react(user=reader, room="garden", seq=1, emoji="👍", on=True)
    message_edit(user=owner, room="garden", seq=2, text="wrong")
    message_delete(user=owner, room="garden", seq=3)
    message_pin(user=owner, room="garden", seq=1, on=True)
    html = opened(reader)
    assert re.search(r'aria-pressed="true"><i>👍</i>1</button>', html)
    assert 'wrong <span class="note">(edited)</span></p>' in html
    assert "Message deleted" in html
    assert '<p class="note pinned">' in html
    assert "1 reply" in html
    assert re.search(r'class="message__reply">.*<bdi>Alice</bdi></b><span dir="auto">tea\?</span>', html)
    assert '<article class="message mentioned" data-seq="4">' in html or 'mentioned" data-seq="4"' in html
    assert '<span class="mention me" title="@bob">@bob</span>' in html
    assert "<b><bdi>Alice</bdi></b> pinned a message" in html
    assert "wrng" not in html
    assert faults(html) == []


def test_messages_of_whom_one_blocks_are_folded() -> None:
    owner, reader = alice(), bob()
    room("garden", owner=owner, members=[reader])
    say(owner, "a sight")
    reader.blocks.create(blocked=owner)
    html = opened(reader)
    assert "Message from somebody you blocked." in html
    assert "a sight" not in html.split('<script id="page"')[0]


@pytest.mark.parametrize(
    ("clock", "language", "shown"),
    [
        ("auto", "en-GB", "14:05"),
        ("auto", "en-US,en;q=0.9", "02:05 PM"),
        ("24", "en-US", "14:05"),
        ("12", "en-GB", "02:05 PM"),
        ("auto", "de-DE", "14:05"),
    ],
)
def test_times_are_by_the_clocks_of_the_reader(clock: str, language: str, shown: str) -> None:
    owner = alice()
    room("garden", owner=owner)
    say(owner, "tea")
    Message.objects.update(created_at=datetime(2026, 3, 2, 13, 5, tzinfo=UTC))
    preferences_change(user=owner, clock=clock)
    html = opened(owner, language=language)
    assert f">{shown}</time>" in html
    assert "untimed" not in html


def test_days_have_their_labels() -> None:
    owner = alice()
    room("garden", owner=owner)
    say(owner, "old", "before", "yesterday", "today")
    noon = datetime.now(UTC).replace(hour=12)
    for seq, at in enumerate((noon - timedelta(days=800), noon - timedelta(days=1), noon), 2):
        Message.objects.filter(seq=seq - 1 if seq == 2 else seq).update(created_at=at)
    html = opened(owner, cookies={"time_zone": "UTC"})
    labels = re.findall(r'<h2 class="day"><button[^>]*><time datetime="[0-9-]{10}">([^<]+)</time>', html)
    assert labels[-2:] == ["Yesterday", "Today"]
    assert re.fullmatch(r"\w+ \d+ \w+ 20\d\d", labels[0])


@pytest.mark.parametrize("zone", ["", "../../etc/passwd", "Nowhere/City", "A" * 65, "Europe/Berlin\n"])
def test_without_a_zone_times_are_out_of_sight(zone: str) -> None:
    owner = alice()
    room("garden", owner=owner)
    say(owner, "tea")
    html = opened(owner, cookies={"time_zone": zone} if zone else {})
    assert '<div id="app" translate="no" class="untimed">' in html


def test_its_statements_do_not_grow_with_rooms_messages_or_people(monkeypatch: pytest.MonkeyPatch) -> None:
    owner = alice()
    others = [person(f"guest-{number}") for number in range(12)]
    garden = room("garden", owner=owner, members=others)
    say(others[0], "**one** @alice")

    def statements() -> int:
        opened(owner)
        with CaptureQueriesContext(connection) as queries:
            opened(owner)
        return len(queries)

    few = statements()
    for number in range(30):
        room(f"more-{number}", owner=owner)
    for guest in others:
        say(guest, *(f"**line** {number} @alice" for number in range(4)))
    assert statements() == few
    # With many rooms, the page contains only this one, and the socket sends the list.
    monkeypatch.setattr(first_page, "ROOMS_MOST", 30)
    listed = facts(opened(owner))["first"][1]
    assert ([entry["room"] for entry in listed["rooms"]], listed["more"]) == ([garden.slug], True)


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("👍", True),
        ("👍🏽 🎉", True),
        ("👨‍👩‍👧‍👦", True),
        ("🇩🇪🇫🇷🇮🇹", True),
        ("👍👍👍👍", False),
        ("👍 ok", False),
        ("ü", False),
        ("3️⃣", False),
    ],
)
def test_what_is_emoji_alone(text: str, only: bool) -> None:
    assert first_words.is_emoji_only(text) is only


def test_long_texts_are_folded_as_in_the_browser() -> None:
    assert first_words.folded("short") is None
    assert first_words.folded("x\n" * 24) is None
    assert first_words.folded("x\n" * 30) == "x\n" * 24 + "x"
    assert first_words.folded("y" * 3000) == "y" * (28 * 95)
