"""The settings of a room without scripts."""

import pytest
from django.test import Client

from chat.models import Export, Membership, Room
from support import people
from support.html import faults

pytestmark = pytest.mark.django_db


def window_of(user: object) -> Client:
    client = Client()
    client.force_login(people.login_of(user))  # type: ignore[arg-type]
    return client


def test_an_owner_sets_a_room_up_and_gives_roles() -> None:
    alice, bob = people.alice(), people.bob()
    garden = people.room("garden", owner=alice, members=[bob])
    window, address = window_of(alice), "/rooms/garden/settings/"
    page = window.get(address)
    assert faults(page.content.decode()) == []
    assert address in window.get("/rooms/garden/?plain=1").content.decode()
    wanted = {"facts": "1", "title": "Büro", "topic": "Tea", "description": "One\nTwo", "posting": "moderators"}
    assert window.post(address, wanted | {"slow_seconds": "30", "replies": "thread"}).status_code == 302
    garden.refresh_from_db()
    assert (garden.title, garden.posting, garden.slow_seconds, garden.replies) == ("Büro", "moderators", 30, "thread")
    assert not garden.archived
    assert garden.previews
    window.post(address, {"facts": "1", "previews": "no"})
    garden.refresh_from_db()
    assert not garden.previews
    window.post(address, {"username": "bob", "role": "moderator"})
    assert Membership.objects.get(room=garden, user=bob).role == "moderator"
    assert window.post(address, {"username": "alice", "role": "member"}).status_code == 403
    window.post(address, {"facts": "1", "archived": "yes"})
    garden.refresh_from_db()
    assert (garden.archived, garden.title) == (True, "Büro")


def test_a_moderator_sets_the_topic_and_nothing_else() -> None:
    alice, bob = people.alice(), people.bob()
    garden = people.room("garden", owner=alice, members=[bob])
    Membership.objects.filter(user=bob).update(role="moderator")
    window, address = window_of(bob), "/rooms/garden/settings/"
    window.post(address, {"facts": "1", "topic": "Roses", "title": "Mine", "archived": "yes"})
    garden.refresh_from_db()
    assert (garden.topic, garden.title, garden.archived) == ("Roses", "Garden", False)
    assert window.post(address, {"username": "alice", "role": "member"}).status_code == 403


def test_others_find_no_settings() -> None:
    alice, bob, charlie = people.alice(), people.bob(), people.charlie()
    people.room("garden", owner=alice, members=[bob])
    address = "/rooms/garden/settings/"
    assert [window_of(user).get(address).status_code for user in (bob, charlie)] == [404, 404]
    assert window_of(bob).post(address, {"facts": "1", "topic": "x"}).status_code == 404
    assert Client().get(address).status_code == 302
    assert Room.objects.get(slug="garden").topic == ""


@pytest.mark.django_db(transaction=True)
def test_an_owner_exports_the_room_and_a_moderator_does_not() -> None:
    alice, bob = people.alice(), people.bob()
    garden = people.room("garden", owner=alice, members=[bob])
    Membership.objects.filter(user=bob).update(role="moderator")
    asked = {"room": "garden", "format": "html", "files": "true"}
    for user, offered in ((bob, False), (alice, True)):
        window = window_of(user)
        page = window.get("/rooms/garden/settings/").content.decode()
        assert ("Export this room" in page) is offered
        answer = window.post("/settings/data/", asked, follow=True).content.decode()
        assert ("Your export is being prepared." in answer) is offered
    [export] = Export.objects.all()
    assert (export.by, export.room, export.format) == (alice, garden, "html")
