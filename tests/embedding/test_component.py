"""The requests of the component: who may read and post, and where its form returns to."""

import re

import pytest
from django.test import Client

from chat.models import Message
from chat.services.forwarding import Origin
from chat.services.posting import Draft, messages_post
from support import people

pytestmark = pytest.mark.django_db


def window_of(user: object) -> Client:
    client = Client()
    client.force_login(people.login_of(user))  # type: ignore[arg-type]
    return client


def test_rows_and_form_are_the_members() -> None:
    alice, bob = people.alice(), people.bob()
    people.room("cellar", owner=alice, kind="private")
    window_of(alice).post("/component/cellar/post/", {"message": "secret", "next": "/orders/7/"})
    rows = window_of(alice).get("/component/cellar/rows/")
    assert "secret" in rows.content.decode()
    assert "no-store" in rows["Cache-Control"]
    for stranger, status in ((window_of(bob), 404), (Client(), 302)):
        closed = stranger.get("/component/cellar/rows/")
        assert (closed.status_code, "secret" in closed.content.decode()) == (403, False)
        assert stranger.post("/component/cellar/post/", {"message": "let me in"}).status_code == status
    assert Message.objects.filter(kind="text").count() == 1


def test_a_forwarded_message_stands_there_with_its_source() -> None:
    alice = people.alice()
    people.room("garden", owner=alice)
    people.room("square", owner=alice, kind="public")
    messages_post([Draft(alice, "square", "**roses**")])
    messages_post([Draft(alice, "garden", "look <here>", origin=Origin("square", 1))])
    rows = window_of(alice).get("/component/garden/rows/").content.decode()
    assert "look &lt;here&gt;" in rows
    assert "<strong>roses</strong></p></blockquote>" in rows
    assert re.search(r"<blockquote><p class=\"note\">Forwarded from .?Alice.*, #square</p>", rows)


@pytest.mark.parametrize(
    ("back", "goes_to"),
    [
        ("/orders/7/", "/orders/7/#chat-garden"),
        ("orders", "orders#chat-garden"),
        ("account_logout", "account_logout#chat-garden"),
        ("https://evil.example/", "/#chat-garden"),
        ("//evil.example", "/#chat-garden"),
        ("javascript:alert(1)", "/#chat-garden"),
        ("/a\r\nSet-Cookie: x=1", "/a%0D%0ASet-Cookie:%20x=1#chat-garden"),
    ],
)
def test_the_form_goes_back_to_a_page_of_this_site(back: str, goes_to: str) -> None:
    alice = people.alice()
    people.room("garden", owner=alice)
    answer = window_of(alice).post("/component/garden/post/", {"message": "hi", "next": back, "client_id": "a\0b"})
    assert answer.status_code == 302
    assert answer["Location"].lower() == goes_to.lower()
