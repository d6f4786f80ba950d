"""The settings' section on notifications, as forms without scripts, and the responses to its scripts."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail as outbox
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from chat.identity import Identity
from chat.lib import mail
from chat.models import Attention, Participant, PushDelivery, PushSubscription
from chat.services.push_subscriptions import subscription_add
from support.people import alice, bob, room
from support.push_service import Browser

pytestmark = pytest.mark.django_db
JSON = {"accept": "application/json"}
QUIET = {
    "quiet": "true",
    "quiet_start": "22:30",
    "quiet_end": "07:05",
    "quiet_days": ["0", "4"],
    "zone": "Europe/Berlin",
    "direct_in_quiet": "true",
}


@pytest.fixture
def alices() -> Client:
    return signed_in(alice())


def signed_in(person: Participant, **options: Any) -> Client:
    made = Client(**options)
    assert person.user
    made.force_login(person.user)
    return made


def device(user: Participant) -> PushSubscription:
    facts = Browser("https://push.vendor.net/phone").subscription
    return subscription_add(
        identity=Identity(user, "token", "key"), endpoint=facts["endpoint"], name="Phone", **facts["keys"]
    )


def test_quiet_hours_are_saved_in_the_time_zone_of_the_person(alices: Client) -> None:
    page = alices.post("/settings/attention/", QUIET, follow=True).content.decode()
    saved = Attention.objects.get()
    assert (saved.quiet, saved.quiet_start, saved.quiet_end) == (True, 22 * 60 + 30, 7 * 60 + 5)
    assert (saved.quiet_days, saved.zone, saved.direct_in_quiet) == (0b10001, "Europe/Berlin", True)
    assert 'value="22:30"' in page
    assert '<option value="Europe/Berlin" selected>' in page


def test_keywords_are_words_with_commas_between(alices: Client) -> None:
    alices.post("/settings/attention/", {"keywords": " on-call,Buoy  7, BUOY 7,, "}, headers=JSON)
    assert [word.lower() for word in Attention.objects.get().keywords] == ["on-call", "buoy 7"]
    alices.post("/settings/attention/", {"threads": "false"}, headers=JSON)
    saved = Attention.objects.get()
    assert (len(saved.keywords), saved.threads) == (2, False), "each form saves its own part"


def test_reactions_and_sounds_are_chosen_one_by_one_and_reach_the_page(alices: Client) -> None:
    room("garden", owner=Participant.objects.get())
    page = alices.get("/rooms/garden/").content.decode()
    assert "&quot;silent&quot;" not in page.replace('"', "&quot;")
    alices.post("/settings/attention/", {"reactions": ["false", "true"]}, headers=JSON)
    alices.post("/settings/attention/", {"sounds": "on", "silent": ["0", "4"]}, headers=JSON)
    saved = Attention.objects.get()
    assert (saved.reactions, saved.silent) == (True, 0b01110)
    assert alices.get("/settings/").content.decode().count('name="silent" value="0" id="id_silent_0" checked') == 1
    page = alices.get("/rooms/garden/").content.decode()
    assert '"silent": ["direct", "thread", "room"]' in page
    alices.post("/settings/attention/", {"sounds": "on"}, headers=JSON)
    assert Attention.objects.get().silent == 0b11111, "no sound at all"


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"keywords": ",".join(f"word{number}" for number in range(21))}, "keywords"),
        ({"keywords": "x" * 51}, "keywords"),
        ({**QUIET, "zone": "Mars/Olympus"}, "zone"),
        ({**QUIET, "quiet_start": "25:00"}, "quiet_start"),
        ({**QUIET, "quiet_days": ["7"]}, "quiet_days"),
        ({"shown": "everything"}, "shown"),
        ({"sounds": "on", "silent": ["5"]}, "silent"),
    ],
)
def test_what_is_not_possible_is_refused_with_its_reason(alices: Client, wish: dict[str, Any], field: str) -> None:
    answer = alices.post("/settings/attention/", wish, headers=JSON)
    assert (answer.status_code, list(answer.json()["errors"])) == (422, [field])
    page = alices.post("/settings/attention/", wish)
    assert page.status_code == 200
    assert answer.json()["errors"][field][0].replace("'", "&#x27;") in page.content.decode()
    assert not Attention.objects.exists()


def test_a_pause_begins_ends_and_is_shown(alices: Client) -> None:
    alices.post("/settings/pause/", {"for": "30"})
    until = Attention.objects.get().paused_until
    assert until is not None
    assert timedelta(minutes=29) < until - timezone.now() <= timedelta(minutes=30)
    assert "Paused until" in alices.get("/settings/").content.decode()
    alices.post("/settings/pause/", {"for": "tomorrow"})
    tomorrow = Attention.objects.get().paused_until
    assert tomorrow is not None
    assert (tomorrow.hour, tomorrow.date()) == (8, (timezone.now() + timedelta(days=1)).date())
    alices.post("/settings/pause/", {"for": "0"})
    assert Attention.objects.get().paused_until is None
    assert alices.post("/settings/pause/", {"for": "ever"}).status_code == 404


def test_a_device_is_listed_tested_and_turned_off_by_its_owner(alices: Client) -> None:
    made = device(Participant.objects.get())
    page = alices.get("/settings/").content.decode()
    assert "Phone" in page
    assert "Not notified yet." in page
    sent = alices.post("/settings/push/test/", headers=JSON).json()
    assert sent == {"saved": "A test is on its way to 1 device."}
    assert PushDelivery.objects.get().kind == "test"
    stranger = signed_in(bob())
    stranger.post(f"/settings/devices/{made.pk}/")
    assert PushSubscription.objects.exists()
    alices.post(f"/settings/devices/{made.pk}/")
    assert not PushSubscription.objects.exists()


def test_a_device_that_stopped_working_says_so(alices: Client) -> None:
    made = device(Participant.objects.get())
    PushSubscription.objects.filter(pk=made.pk).update(ended_at=timezone.now())
    assert "Stopped working. Turn it on again there." in alices.get("/settings/").content.decode()


@pytest.mark.parametrize("path", ["attention/", "pause/", "push/test/", "devices/1/"])
def test_a_stranger_and_another_site_change_nothing(path: str) -> None:
    stranger = Client().post(f"/settings/{path}")
    assert stranger.headers["Location"].startswith("/accounts/login/")
    other_site = signed_in(alice(), enforce_csrf_checks=True)
    assert other_site.post(f"/settings/{path}").status_code == 403


def test_e_mail_is_chosen_by_those_with_an_address_which_they_confirm(alices: Client, settings: Settings) -> None:
    settings.CHAT_PUBLIC_URL, settings.CHAT_RESET_BY_EMAIL = "https://chat.example.org", True
    assert b"Add an e-mail address under Signing in." in alices.get("/settings/").content
    User.objects.filter(participant__username="alice").update(email="alice@example.org")
    assert b"E-mails come to alice@example.org after you open the link" in alices.get("/settings/").content
    alices.post("/settings/attention/", {"mail": "15m"})
    assert Attention.objects.get().mail == "15m"
    for sentence in (b"The link is on its way.", b"A link was sent a few minutes ago."):
        assert sentence in alices.post("/settings/mail/confirm/", follow=True).content
    mail.wait()
    assert [one.to for one in outbox.outbox] == [["alice@example.org"]]
    settings.CHAT_RESET_BY_EMAIL = False
    assert b"E-mails come to" not in alices.get("/settings/").content
