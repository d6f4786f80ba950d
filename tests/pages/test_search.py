"""The search without scripts."""

import pytest
from django.test import Client

from chat.models import File, Message, Participant, Room
from chat.services.posting import Draft, messages_post
from chat.services.search_index import index_begin_again, index_step
from support import people
from support.people import login_of


def say(user: Participant, *texts: str) -> None:
    messages_post([Draft(user, "garden", text) for text in texts])
    while index_step():
        pass


@pytest.fixture
def bob(transactional_db: None) -> Participant:
    return people.bob()


@pytest.fixture
def garden(bob: Participant) -> Room:
    return people.room("garden", owner=people.alice(), members=[bob])


def page(user: Participant, address: str) -> str:
    client = Client()
    client.force_login(login_of(user))
    response = client.get(address, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def test_bob_searches_by_a_form_and_reaches_the_message(bob: Participant, garden: Room) -> None:
    say(Participant.objects.get(username="alice"), "The <b>telemetry</b> of buoy 7", "other")
    found = page(bob, "/search/?q=tele&in=garden")
    assert "The &lt;b&gt;<mark>tele</mark>metry&lt;/b&gt; of buoy 7" in found
    assert "/rooms/garden/?plain=1&amp;before=2#m1" in found
    assert "other" not in found
    assert 'value="tele in:&quot;garden&quot;"' in found


def test_the_pane_s_address_is_answered_too(bob: Participant, garden: Room) -> None:
    say(Participant.objects.get(username="alice"), "telemetry")
    assert "<mark>tele</mark>" in page(bob, "/rooms/garden/?plain=1&search=tele")


def test_the_files_and_links_of_a_room_have_a_page(bob: Participant, garden: Room) -> None:
    say(bob, "Plan of the pier", "https://example.org/tides", "neither")
    facts = {"uploader": bob, "state": File.State.READY, "length": 1, "size": 1}
    message = Message.objects.get(room=garden, seq=1)
    plan = File.objects.create(message=message, name="plan.pdf", media_type="application/pdf", **facts)
    Message.objects.filter(pk=message.pk).update(file_count=1)
    index_begin_again()
    say(bob)
    found = page(bob, "/rooms/garden/?plain=1&files")
    assert "Plan of the pier" in found
    assert f'href="/files/{plan.key}/plan.pdf"' in found
    assert "tides" not in found
    found = page(bob, "/rooms/garden/?plain=1&files=link")
    assert "https://example.org/tides" in found
    assert "plan.pdf" not in found
    assert "neither" not in found


def test_a_stranger_finds_nothing(bob: Participant, garden: Room) -> None:
    say(bob, "telemetry")
    found = page(people.charlie(), "/search/?q=tele")
    assert "No messages match “tele”." in found
    assert "telemetry" not in found


def test_long_messages_are_cut_around_the_first_mark(bob: Participant, garden: Room) -> None:
    say(bob, "word " * 200 + "needle " + "word " * 200)
    found = page(bob, "/search/?q=needle")
    assert "<mark>needle</mark>" in found
    assert found.count("word") < 100


def test_pages_are_links(bob: Participant, garden: Room) -> None:
    say(bob, *(f"word {n}" for n in range(27)))
    first = page(bob, "/search/?q=word")
    assert first.count('data-testid="result"') == 25
    address = first.partition("/search/?q=word&amp;after=")[2].partition('"')[0]
    assert page(bob, f"/search/?q=word&after={address}").count('data-testid="result"') == 2


def test_signing_in_comes_first(bob: Participant) -> None:
    assert Client().get("/search/?q=a").status_code == 302
