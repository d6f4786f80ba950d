"""Every page that the server renders is valid HTML, in both languages; `test_axe.py` checks what scripts render."""

from typing import Any

import pytest
from django.test import Client

from accounts.services import account_create, invitation_issue
from chat.services.messages import message_delete, message_edit
from chat.services.posting import Draft, Posted, messages_post
from chat.services.rooms import room_create
from support.html import faults

# Pages that query in threads cannot see an open transaction, and would wait for its end.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("page", "sentence"),
    [
        ("<button><h2>Rooms</h2></button>", "<h2> in <button>"),
        ("<a href='/'><button>Go</button></a>", "<button> in <a>"),
        ("<ul><div>One</div></ul>", "<div> in <ul>"),
        ("<pre aria-label='Example'>x</pre>", "a name on what takes none"),
        ("<span aria-label='3 unread'>3</span>", "a name on what takes none"),
        ("<time datetime='2026-11-28T09:00:00.123456+00:00'>9</time>", "no moment"),
        ("<time datetime='yesterday'>9</time>", "no moment"),
        ("<p id='a'></p><p id='a'></p>", "id 'a' is there 2 times"),
        ("<label for='b'>B</label>", "for points nowhere"),
        ("<p>One<div>Two</div></p>", "unexpected"),
    ],
)
def test_the_check_finds(page: str, sentence: str) -> None:
    head = '<!doctype html><html lang="en"><head><meta name="description" content="D"><title>T</title></head><body>'
    assert any(sentence in fault for fault in faults(f"{head}{page}</body></html>")), faults(
        f"{head}{page}</body></html>"
    )
    good = '<h2><button>Rooms</button></h2><span role="button" aria-label="x">y</span>'
    good += '<time datetime="2026-11-28T09:00:00.123+00:00">9</time><time datetime="2026-11-28">Saturday</time>'
    assert faults(f"{head}{good}</body></html>") == []


@pytest.fixture
def ada(settings: Any) -> Client:
    """An administrator with a room that has a posted, an edited and a deleted message."""
    settings.CHAT_SIGNUP = "invite"
    settings.CHAT_RESET_BY_EMAIL = True
    account = account_create(username="ada", password=None, display_name="Ada <b>")
    owner = account.participant
    room_create(creator=owner, slug="garden", title="A & B", topic="<i>")
    texts = ("Hello", "> *there* https://x.example/?a=1&b=2", "gone")
    first, _, last = [
        posted.seq
        for posted in messages_post([Draft(owner, "garden", text) for text in texts])
        if isinstance(posted, Posted)
    ]
    message_edit(user=owner, room="garden", seq=first, text="Hello @ada")
    message_delete(user=owner, room="garden", seq=last)
    invitation_issue(note="Dora", created_by=account)
    client = Client(raise_request_exception=False)
    client.force_login(account)
    return client


FOR_STRANGERS = (
    *("/accounts/login/", "/accounts/signup/", "/accounts/signup/?invitation=wrong", "/accounts/password/reset/"),
    *("/accounts/password/reset/done/", "/accounts/password/reset/key/done/", "/nothing/", "/offline/"),
    *("/accounts/password/reset/key/1-x/", "/api/v1/docs"),
)
FOR_ADA = (
    *("/rooms/garden/", "/rooms/garden/?plain=1", "/settings/", "/invite/", "/rooms/", "/accounts/logout/"),
    *(
        "/accounts/password/change/",
        "/rooms/nothing/",
        "/rooms/garden/messages/1/versions/",
        "/rooms/garden/messages/1/forward/",
    ),
)


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_page_is_valid(ada: Client, language: str) -> None:
    found = {}
    for client, pages in ((Client(), FOR_STRANGERS), (ada, FOR_ADA)):
        for page in pages:
            answer = client.get(page, headers={"accept-language": language})
            assert answer["Content-Type"].startswith("text/html"), page
            found[page] = faults(answer.content.decode())
    refused = ada.post("/settings/profile/", {"display_name": "A\u202eda"}).content.decode()
    found["a refused form"] = faults(refused)
    found["a refused room"] = faults(ada.post("/rooms/", {"room": "gar/den", "kind": "direct"}).content.decode())
    found["a made invitation"] = faults(ada.post("/invite/", {"days": "7"}).content.decode())
    assert {page: wrong for page, wrong in found.items() if wrong} == {}
