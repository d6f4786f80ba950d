"""A room is created with the form for browsers without scripts."""

import html
import re

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient
from pytest_django.fixtures import Settings

from chat.lib.amounts import Rate
from chat.models import Membership, Participant, Room
from support.people import alice, login_of, room

# The view runs in threads; the hub, whose send budget it uses, lives in the event loop of the test.
pytestmark = pytest.mark.django_db(transaction=True)


async def signed_in(*, enforce_csrf_checks: bool = False) -> AsyncClient:
    browser = AsyncClient(enforce_csrf_checks=enforce_csrf_checks)
    await browser.aforce_login(login_of(await sync_to_async(alice)()))
    return browser


async def send(browser: AsyncClient, **form: str) -> tuple[int, str]:
    answer = await browser.post("/rooms/", {"title": "", "room": "", "topic": "", "kind": "public"} | form)
    return answer.status_code, answer.headers.get("Location", "") or html.unescape(answer.content.decode())


@pytest.mark.parametrize(
    ("title", "typed", "slug"),
    [
        ("日本語", "", "ribenyu"),
        ("  Чай и кофе ", "", "chay-i-kofe"),
        ("Tea", "Böok Club", "book-club"),
        ("🎉", "fest_2026", "fest_2026"),
    ],
)
async def test_a_room_has_a_name_in_any_script_and_an_address(title: str, typed: str, slug: str) -> None:
    answer = await send(await signed_in(), title=title, room=typed, topic="What <b>for</b>")
    assert answer == (302, f"/rooms/{slug}/?plain=1#write")
    made = await Room.objects.aget(slug=slug)
    assert (made.title, made.kind, made.topic) == (title.strip(), "public", "What <b>for</b>")
    assert (await Membership.objects.aget(room=made)).role == "owner"


async def test_a_room_is_private_where_that_is_chosen() -> None:
    assert (await send(await signed_in(), title="Vault", kind="private"))[0] == 302
    assert (await Room.objects.aget(slug="vault")).kind == "private"


@pytest.mark.parametrize(
    ("form", "sentence"),
    [
        ({"title": " "}, "This field is required."),
        ({"title": "x" * 101}, "at most 100 characters"),
        ({"title": "A\u202eB"}, "Use only letters, digits, punctuation, symbols and spaces."),
        ({"title": "\u2800"}, "Use only letters, digits, punctuation, symbols and spaces."),
        ({"title": "Tea", "topic": "up\u2066down"}, "Use only letters, digits, punctuation, symbols and spaces."),
        ({"title": "Tea", "room": "tea/time"}, "Use 1 to 64 letters (a to z), digits, hyphens or underscores."),
        ({"title": "Tea", "room": "чай"}, "Use 1 to 64 letters (a to z), digits, hyphens or underscores."),
        ({"title": "Tea", "room": "DM-1-2"}, "Addresses that begin with dm- are kept for direct messages."),
        ({"title": "Tea", "kind": "direct"}, "Select a valid choice."),
        ({"title": "Tea", "room": "GARDEN"}, "A room called garden already exists. Choose another address."),
        ({"title": "Gar\u0308den!"}, "A room called garden already exists. Choose another address."),
    ],
)
async def test_a_refusal_stands_beside_what_was_typed(form: dict[str, str], sentence: str) -> None:
    browser = await signed_in()
    await sync_to_async(room)("garden", owner=await Participant.objects.aget())
    status, said = await send(browser, **form)
    assert status == (409 if "already exists" in sentence else 422)
    assert sentence in said
    for name in form.keys() - {"kind"}:
        assert f'value="{form[name]}"' in said
    assert await Room.objects.filter(slug__in=("tea", "garden")).acount() == 1


async def test_the_limits_are_those_of_the_command(settings: Settings) -> None:
    settings.CHAT_ROOM_LIMIT = Rate(2, 3600.0)
    settings.CHAT_ROOMS_OWNED = 1
    browser = await signed_in()
    answers = [
        await browser.post("/rooms/", {"title": name, "topic": "kept", "kind": "private"})
        for name in ("First", "No letter: /", "Second", "Third")
    ]
    assert [answer.status_code for answer in answers] == [302, 403, 429, 429]
    said = [answer.content.decode() for answer in answers]
    assert "You own 1 rooms, as many as one person may. Archive one first." in said[1]
    assert "You have made many rooms. Try again in 30 minutes." in said[2]
    for name, page in (("No letter: /", said[1]), ("Second", said[2])):
        assert f'value="{name}"' in page
        assert 'value="kept"' in page
        assert re.search(r'value="private"[^>]*checked', page)
    assert await Room.objects.filter(slug__in=("no-letter", "second", "third")).acount() == 0


async def test_a_stranger_and_another_site_make_no_room() -> None:
    browser = AsyncClient()
    assert (await browser.get("/rooms/")).headers["Location"] == "/accounts/login/?next=/rooms/"
    assert (await send(browser, title="Tea"))[1] == "/accounts/login/?next=/rooms/"
    forged = await signed_in(enforce_csrf_checks=True)
    assert (await send(forged, title="Tea"))[0] == 403
    assert not await Room.objects.filter(slug="tea").aexists()


async def test_a_form_that_is_sent_twice_makes_one_room() -> None:
    browser = await signed_in()
    assert (await send(browser, title="Once"))[0] == 302
    assert (await send(browser, title="Once"))[0] == 409
    assert await Room.objects.filter(slug__startswith="once").acount() == 1
