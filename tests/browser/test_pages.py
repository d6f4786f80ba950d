"""The pages as the server sends them, before any script runs."""

import base64
import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chat.models import Membership, Participant, Room
from chat.services.rooms import direct_room_open
from support.people import alice, bob, charlie, login_of, person, room

pytestmark = pytest.mark.django_db
VENDOR = Path(settings.BASE_DIR) / "chat" / "static" / "chat" / "vendor"


def browser_of(user: Participant) -> Client:
    client = Client()
    client.force_login(login_of(user))
    return client


def page_data(html: str) -> dict[str, dict[str, object]]:
    match = re.search(r'<script id="page" type="application/json">(.*?)</script>', html)
    assert match
    data: dict[str, dict[str, object]] = json.loads(match[1])
    return data


def test_a_stranger_is_asked_to_sign_in() -> None:
    room("garden", owner=alice())
    for path in ("/", "/rooms/garden/"):
        answer = Client().get(path)
        assert answer.status_code == 302
        assert answer["Location"] == f"/accounts/login/?next={path}"


def test_home_is_the_room_that_was_open_last() -> None:
    owner = alice()
    for slug in ("attic", "garden"):
        room(slug, owner=owner)
    window = browser_of(owner)
    assert window.get("/")["Location"] == "/rooms/attic/"
    window.cookies["last_room"] = "garden"
    assert window.get("/")["Location"] == "/rooms/garden/"


@pytest.mark.parametrize("remembered", ["vault", "no-such-room", "../admin", "a" * 300, "//evil.example", ""])
def test_home_ignores_a_remembered_room_that_is_not_visible(remembered: str) -> None:
    room("vault", owner=alice())
    guest = bob()
    room("attic", owner=guest)
    window = browser_of(guest)
    window.cookies["last_room"] = remembered
    assert window.get("/")["Location"] == "/rooms/attic/"


def test_a_newcomer_lands_in_the_lobby() -> None:
    assert browser_of(bob()).get("/")["Location"] == "/rooms/lobby/"


def test_the_page_holds_the_person_and_the_room() -> None:
    owner = alice()
    garden = room("garden", owner=owner)
    garden.topic = "Roses"
    garden.save()
    data = page_data(browser_of(owner).get("/rooms/garden/").content.decode())
    assert data["me"] == {"user_id": owner.pk, "username": "alice", "display_name": "Alice", "staff": False}
    assert data["room"] == {
        "room": "garden",
        "title": "Garden",
        "topic": "Roses",
        "kind": "private",
        "archived": False,
        "username": None,
        "show_username": False,
    }


def test_a_direct_room_is_named_after_the_other_person() -> None:
    first, _ = alice(), bob()
    made, _ = direct_room_open(user=first, username="bob")
    data = page_data(browser_of(first).get(f"/rooms/{made.slug}/").content.decode())
    assert (data["room"]["title"], data["room"]["username"]) == ("Bob", "bob")


def test_a_hidden_room_and_an_absent_one_look_the_same() -> None:
    room("vault", owner=alice())
    window = browser_of(charlie())
    hidden, absent = window.get("/rooms/vault/"), window.get("/rooms/nothing/")
    assert hidden.status_code == absent.status_code == 404
    assert hidden.content == absent.content
    assert b"vault" not in hidden.content


def test_a_banned_person_reads_the_reason_and_the_end() -> None:
    garden = room("garden", owner=alice(), kind="public")
    banned = bob()
    ban = garden.bans.create(user=banned)
    answer = browser_of(banned).get("/rooms/garden/")
    assert answer.status_code == 403
    assert "You are banned from this room." in answer.content.decode()
    ban.until, ban.reason = datetime(2199, 12, 5, 14, 0, tzinfo=UTC), "<b>shouting</b> at night"
    ban.save()
    for path in ("", "?plain=1"):
        text = browser_of(banned).get(f"/rooms/garden/{path}").content.decode()
        sentence = "You are banned from this room until 5 Dec 2199, 14:00 UTC."
        assert f"{sentence} Reason: &lt;b&gt;shouting&lt;/b&gt; at night" in text
        assert "Join" not in text
        assert "Ask a room owner" not in text


@pytest.mark.parametrize(
    "path", ["/rooms/%00/", "/rooms/a%2Fb/", "/rooms/" + "a" * 65 + "/", "/rooms/ä/", "/rooms/a b/"]
)
def test_an_invalid_room_name_is_not_found(path: str) -> None:
    assert browser_of(alice()).get(path).status_code == 404


def test_hostile_room_facts_stay_data() -> None:
    owner = person("alice", display_name="</script><script>stolen=1</script>")
    garden = room("garden", owner=owner)
    garden.title = garden.topic = "<img src=x onerror=stolen=1></script>"
    garden.save()
    html = browser_of(owner).get("/rooms/garden/").content.decode()
    assert "<img" not in html
    assert "<script>stolen" not in html
    assert page_data(html)["room"]["title"] == garden.title


def test_opening_the_chat_costs_the_same_with_one_room_and_with_two_hundred() -> None:
    owner = alice()
    room("garden", owner=owner)
    window = browser_of(owner)
    window.get("/rooms/garden/")

    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as counted:
            assert window.get(path).status_code in {200, 302}
        return len(counted)

    before = queries("/"), queries("/rooms/garden/")
    others = Room.objects.bulk_create(Room(slug=f"room-{number}") for number in range(200))
    Membership.objects.bulk_create(Membership(room=other, user=owner) for other in others)
    assert (queries("/"), queries("/rooms/garden/")) == before
    # The room page makes five more than the one leading to it: newest messages, rooms, a socket's first frames.
    assert before[0] <= 8
    assert before[1] <= 13


def test_the_policy_allows_own_scripts_only() -> None:
    owner = alice()
    room("garden", owner=owner)
    answer = browser_of(owner).get("/rooms/garden/")
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy
    nonce = re.search(r"'nonce-([^']+)'", policy)
    assert nonce
    html = answer.content.decode()
    assert html.count("nonce=") == html.count(f'nonce="{nonce[1]}"') == 2
    assert f'<script type="importmap" nonce="{nonce[1]}">' in html
    assert " style=" not in html
    assert not re.search(r" on[a-z]+=", html)


def test_vendored_modules_are_what_the_manifest_says() -> None:
    manifest = json.loads((VENDOR / "manifest.json").read_text())
    assert manifest
    for module in manifest.values():
        file = VENDOR.parent / module["path"]
        digest = base64.b64encode(hashlib.sha384(file.read_bytes()).digest()).decode()
        assert module["integrity"] == f"sha384-{digest}"
        assert module["version"] in module["path"]
        assert (file.parent / "LICENSE").exists()
        assert "sourceMappingURL" not in file.read_text()


def test_no_script_of_ours_writes_markup() -> None:
    ways = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|dangerouslySet")
    scripts = list((VENDOR.parent / "js").rglob("*.js"))
    assert len(scripts) > 30
    for script in scripts:
        assert not ways.search(script.read_text()), script
        # A catalogue grows with the page, and is generated.
        assert len(script.read_text().splitlines()) <= 300 or script.parent.name == "catalogue", script
