"""Personal access tokens and the profile, in the settings page."""

import re

import pytest

from chat.identity.credentials import identify
from chat.models import ApiToken, Profile
from chat.services.tokens import token_issue
from support import people
from tests.pages.settings_page import browser_of, page

pytestmark = pytest.mark.django_db


def test_a_token_is_shown_once_does_what_it_may_and_is_revoked() -> None:
    alice = people.alice()
    browser = browser_of(alice)
    wanted = {"name": "Harbour bot", "scopes": "read write", "days": "30"}
    made = browser.post("/settings/tokens/", wanted)
    key = re.search(r'value="(bc_[\w-]+|[\w-]{30,})" readonly', made.content.decode())
    assert key
    assert "no-store" in made["Cache-Control"]
    assert key[1] not in page(browser)
    assert "Harbour bot" in page(browser)
    caller = identify(headers={"authorization": f"Bearer {key[1]}"}, cookies={}, query={})
    assert caller
    assert caller.scopes == {"read", "write"}
    assert caller.expires_at
    browser.post(f"/settings/tokens/{ApiToken.objects.get().pk}/")
    assert identify(headers={"authorization": f"Bearer {key[1]}"}, cookies={}, query={}) is None
    assert "You have no tokens." in page(browser)


def test_a_token_of_another_person_stays_and_a_bad_one_is_not_made() -> None:
    token, _ = token_issue(user=people.bob(), name="bot")
    browser = browser_of(people.alice())
    assert browser.post(f"/settings/tokens/{token.pk}/").status_code == 302
    assert ApiToken.objects.usable().count() == 1
    for wanted in ({"name": "", "scopes": "read"}, {"name": "x", "scopes": "everything"}, {"name": "\u202ex"}):
        browser.post("/settings/tokens/", wanted)
    assert ApiToken.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_a_person_says_of_themselves_is_saved_and_a_form_of_before_leaves_it() -> None:
    alice = people.alice()
    browser = browser_of(alice)
    said = {"display_name": "Alice", "pronouns": "she", "title": "Harbour master", "about": "W" * 160, "phone": "1"}
    browser.post("/settings/profile/", said | {"time_zone": "Europe/Berlin"})
    profile = Profile.objects.get(user=alice)
    assert (profile.pronouns, profile.title, profile.time_zone) == ("she", "Harbour master", "Europe/Berlin")
    browser.post("/settings/profile/", {"display_name": "Al"})
    assert Profile.objects.get(user=alice).title == "Harbour master"
    assert 'value="Harbour master"' in page(browser)
    [zone] = re.findall(r'<select [^>]*id="id_time_zone" name="time_zone">.*?</select>', page(browser))
    assert '<option value="">Not said</option><option value="UTC">UTC</option>' in zone
    assert re.findall(r'value="([^"]*)" selected>([^<]*)', zone) == [("Europe/Berlin", "Europe/Berlin")]
    browser.post("/settings/profile/", said | {"time_zone": "Mars/Base"})
    assert Profile.objects.get(user=alice).time_zone == "Europe/Berlin"
