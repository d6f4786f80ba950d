"""Links to messages on the page without scripts: a quote for people who may read them, and nothing for others."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.models import Ban, Block, Preferences
from chat.services.messages import message_delete
from chat.services.moderation import room_clear
from chat.services.posting import Draft, messages_post
from support.html import faults
from support.people import alice, bob, charlie, room
from tests.pages.test_plain import browser_of, read

pytestmark = pytest.mark.django_db

BASE = "http://testserver/rooms"


def test_who_may_read_a_message_sees_a_quote_of_it_and_others_nothing() -> None:
    owner, guest, banned = alice(), bob(), charlie()
    room("garden", owner=owner, members=[guest, banned])
    room("vault", owner=owner)
    square = room("square", owner=owner, kind="public")
    Ban.objects.create(room=square, user=banned, until=timezone.now() + timedelta(hours=1))
    messages_post([Draft(owner, "vault", "the key is <here>"), Draft(owner, "square", "tulips")])
    messages_post([Draft(owner, "square", "in the thread", thread=1, in_room=False)])
    links = f"{BASE}/vault/#m1 and {BASE}/square/#m1 and {BASE}/square/?thread=1#m2"
    messages_post([Draft(owner, "garden", links)])
    html = read(owner)
    assert faults(html) == []
    assert html.count('data-testid="quote"') == 3
    assert "the key is &lt;here&gt;" in html
    assert 'href="/rooms/square/?plain=1&amp;thread=1#m2"' in html
    html = read(guest)
    assert (html.count('data-testid="quote"'), "the key" in html, "tulips" in html) == (2, False, True)
    html = read(banned)
    assert (html.count('data-testid="quote"'), "tulips" in html) == (0, False)


def test_what_is_no_link_to_a_message_that_is_there_has_no_quote() -> None:
    owner, guest = alice(), bob()
    room("garden", owner=owner, members=[guest])
    messages_post([Draft(guest, "garden", text) for text in ("roses", "tulips", "lilies")])
    for text in (
        *(f"`{BASE}/garden/#m1`", f"<{BASE}/garden/#m1>", f"> {BASE}/garden/#m1", f"{BASE}/garden/#m99"),
        *(f"{BASE}/garden/", f"{BASE}/garden/#m9", "https://elsewhere.example/rooms/garden/#m1"),
        f"{BASE}/gar%00den/#m1 {BASE}/garden/#m999999999999999",
    ):
        messages_post([Draft(owner, "garden", text)])
    assert 'data-testid="quote"' not in read(owner)
    messages_post([Draft(owner, "garden", f"{BASE}/garden/#m{seq}") for seq in (1, 2, 3)])
    assert read(owner).count('data-testid="quote"') == 3
    message_delete(user=guest, room="garden", seq=2)
    assert read(owner).count('data-testid="quote"') == 2
    Block.objects.create(user=owner, blocked=guest)
    assert 'data-testid="quote"' not in read(owner)
    Block.objects.all().delete()
    Preferences.objects.update_or_create(user=owner, defaults={"previews": False})
    assert 'data-testid="quote"' not in read(owner)
    assert read(guest).count('data-testid="quote"') == 2
    room_clear(user=owner, room="garden")
    messages_post([Draft(owner, "garden", f"{BASE}/garden/#m1")])
    assert "roses" not in read(guest)


def test_a_page_full_of_links_costs_three_queries_more() -> None:
    owner = alice()
    room("garden", owner=owner)
    for number in range(12):
        room(f"room{number}", owner=owner)
        messages_post([Draft(owner, f"room{number}", f"words {number}")])
    browser = browser_of(owner)

    def cost() -> int:
        with CaptureQueriesContext(connection) as ran:
            assert browser.get("/rooms/garden/?plain=1").status_code == 200
        return len(ran)

    messages_post([Draft(owner, "garden", "no links")])
    cost()
    before = cost()
    messages_post(
        [
            Draft(owner, "garden", " ".join(f"{BASE}/room{number + step}/#m1" for step in range(3)))
            for number in range(0, 12, 3)
        ]
    )
    cost()
    assert cost() == before + 3
    assert read(owner).count('data-testid="quote"') == 12
