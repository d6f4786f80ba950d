"""Pages of a room at its other addresses: a redirect for people who may see it, nothing for others."""

import pytest
from django.test import Client

from chat.models import Ban, Participant, Room
from chat.services.posting import Draft, messages_post
from chat.services.rooms import room_update
from support import people

pytestmark = pytest.mark.django_db


def window_of(user: Participant) -> Client:
    client = Client()
    client.force_login(people.login_of(user))
    return client


def moved_garden() -> tuple[Participant, Participant, Participant]:
    alice, bob, charlie = people.alice(), people.bob(), people.charlie()
    people.room("garden", owner=alice, members=[bob])
    room_update(user=alice, room="garden", address="roses")
    room_update(user=alice, room="garden", address="tulips")
    return alice, bob, charlie


def test_a_member_is_led_to_the_address_of_now_with_the_query() -> None:
    _, bob, _ = moved_garden()
    window = window_of(bob)
    for name in ("garden", "roses", "Tulips"):
        answer = window.get(f"/rooms/{name}/?plain=1&thread=4")
        assert (answer.status_code, answer["Location"]) == (301, "/rooms/tulips/?plain=1&thread=4")
        # The room may return to an earlier address.
        assert "no-store" in answer["Cache-Control"]
    page = window.get("/rooms/tulips/")
    assert page.status_code == 200
    assert '"address": "tulips"' in page.content.decode()


# The page looks up names in a separate thread.
@pytest.mark.django_db(transaction=True)
def test_an_owner_is_led_to_the_settings_of_now() -> None:
    alice, _, _ = moved_garden()
    window = window_of(alice)
    assert window.get("/rooms/roses/settings/")["Location"] == "/rooms/tulips/settings/"
    answer = window.post("/rooms/roses/settings/", {"facts": "1", "address": "lilies", "emoji": "🌷"})
    assert answer["Location"] == "/rooms/lilies/settings/"
    assert "🌷" in window.get("/rooms/lilies/settings/").content.decode()


@pytest.mark.parametrize("path", ["", "?plain=1", "settings/", "messages/1/forward/", "messages/1/versions/"])
def test_a_stranger_finds_at_each_address_what_is_where_no_room_is(path: str) -> None:
    _, _, charlie = moved_garden()
    window = window_of(charlie)
    absent = window.get(f"/rooms/nowhere/{path}")
    for name in ("garden", "roses", "tulips"):
        answer = window.get(f"/rooms/{name}/{path}")
        assert (answer.status_code, answer.headers) == (absent.status_code, absent.headers)
    assert Client().get(f"/rooms/roses/{path}").status_code == 302


def test_a_banned_person_sees_the_ban_at_each_address() -> None:
    _, bob, _ = moved_garden()
    bob.memberships.all().delete()
    Room.objects.filter(slug="garden").update(kind="public")
    Ban.objects.create(room=Room.objects.get(slug="garden"), user=bob)
    window = window_of(bob)
    answers = [window.get(f"/rooms/{name}/").status_code for name in ("garden", "roses", "nowhere")]
    assert answers == [403, 403, 404]


def test_links_with_an_address_of_before_show_a_quote_to_those_who_may_read() -> None:
    alice, bob, charlie = moved_garden()
    people.room("square", owner=alice, members=[bob, charlie], kind="public")
    link = "http://testserver/rooms/roses/#m1"
    messages_post([Draft(bob, "garden", "The tea is ready."), Draft(bob, "square", f"See {link}")])
    assert "The tea is ready." in window_of(bob).get("/rooms/square/?plain=1").content.decode()
    assert "The tea is ready." not in window_of(charlie).get("/rooms/square/?plain=1").content.decode()
