"""Authentication: every credential, and every way in which it ends."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.models import User
from chat.identity import Identity, jwt
from chat.identity.credentials import identify, is_anonymous, relies_on_cookie, still_valid
from chat.services.tokens import token_issue
from support.accounts import PASSWORD, alice, bob
from tests.accounts.identifying import ask, known, session_of

pytestmark = pytest.mark.django_db


def test_a_stranger_has_no_identity() -> None:
    assert ask() is None
    assert is_anonymous(headers={}, cookies={"theme": "dark"}, query={"room": "lobby"})


class TestSession:
    def test_a_signed_in_browser_is_known_until_its_session_expires(self) -> None:
        user = alice()
        identity = known(ask(cookie=session_of(user)))
        assert (identity.user, identity.kind) == (user.participant, "session")
        assert identity.expires_at == Session.objects.get().expire_date
        assert still_valid(identity)

    def test_an_expired_session_is_refused(self) -> None:
        key = session_of(alice())
        identity = known(ask(cookie=key))
        Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
        assert ask(cookie=key) is None
        assert not still_valid(identity)

    @pytest.mark.parametrize("key", ["", "x", "a" * 4000, "ключ", "a\0b", "' OR 1=1 --"])
    def test_an_invented_session_is_refused(self, key: str) -> None:
        session_of(alice())
        assert ask(cookie=key) is None

    def test_signing_out_ends_that_browser_and_no_other(self, told: list[int], transactional_db: None) -> None:
        user = alice()
        here, there = Client(), Client()
        here.force_login(user)
        there.force_login(user)
        ours, theirs = (known(ask(cookie=browser.cookies["sessionid"].value)) for browser in (here, there))
        here.post("/accounts/logout/")
        assert not still_valid(ours)
        assert still_valid(theirs)
        assert told == [user.participant.pk]

    def test_another_browser_is_signed_out_by_a_new_password_and_this_one_stays(self) -> None:
        user = alice()
        here, there = Client(), Client()
        here.force_login(user)
        there.force_login(user)
        theirs = known(ask(cookie=there.cookies["sessionid"].value))
        here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": "a longer horse"})
        assert not still_valid(theirs)
        assert ask(cookie=here.cookies["sessionid"].value)

    def test_a_session_signed_with_a_retired_secret_still_counts(self, settings: Any) -> None:
        key = session_of(alice())
        data = Session.objects.get().get_decoded()
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the next secret", [settings.SECRET_KEY]
        assert Session.objects.get().get_decoded() == data
        assert ask(cookie=key)
        assert Session.objects.get().session_key == key

    def test_a_session_without_a_person_is_refused(self) -> None:
        browser = Client()
        session = browser.session
        session["draft"] = "…"
        session.save()
        assert session.session_key is not None
        assert ask(cookie=session.session_key) is None

    def test_a_session_ends_at_its_end(self, monkeypatch: pytest.MonkeyPatch) -> None:
        key = session_of(alice())
        end = Session.objects.get().expire_date
        monkeypatch.setattr(timezone, "now", lambda: end - timedelta(microseconds=1))
        assert ask(cookie=key)
        monkeypatch.setattr(timezone, "now", lambda: end)
        assert ask(cookie=key) is None

    @pytest.mark.parametrize("key", ["", "ключ", "a\x00" * 16, "' OR 1=1 --"])
    def test_what_can_be_no_session_key_is_not_sent_to_the_database(
        self, key: str, django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(0):
            assert ask(cookie=key) is None

    @pytest.mark.parametrize("field", ["_auth_user_id", "_auth_user_backend", "_auth_user_hash"])
    @pytest.mark.parametrize("value", [None, "", "0"])
    def test_a_session_without_person_backend_or_hash_is_refused(self, field: str, value: str | None) -> None:
        browser = Client()
        browser.force_login(alice())
        session = browser.session
        if value is None:
            del session[field]
        else:
            session[field] = value or ("0" if field == "_auth_user_id" else "")
        session.save()
        assert session.session_key is not None
        assert ask(cookie=session.session_key) is None

    def test_the_session_of_a_deactivated_account_is_refused(self) -> None:
        user = alice()
        key = session_of(user)
        User.objects.filter(pk=user.pk).update(is_active=False)
        assert ask(cookie=key) is None

    def test_the_session_of_a_person_who_is_no_more_is_refused(self) -> None:
        user = alice()
        key = session_of(user)
        User.objects.filter(pk=user.pk).delete()
        assert ask(cookie=key) is None


@pytest.mark.parametrize(
    ("headers", "cookies", "query", "by_cookie", "anonymous"),
    [
        ({}, {}, {}, False, True),
        ({}, {"theme": "dark"}, {"room": "lobby"}, False, True),
        ({}, {"sessionid": ""}, {}, False, True),
        ({}, {"sessionid": "key"}, {}, True, False),
        ({"authorization": "Basic x"}, {"sessionid": "key"}, {}, True, False),
        ({"authorization": "Basic x"}, {}, {}, False, True),
        ({"authorization": "Bearer x"}, {"sessionid": "key"}, {}, False, False),
        ({"authorization": "Bearer x"}, {}, {}, False, False),
        ({"authorization": "Bearer"}, {"sessionid": "key"}, {}, False, False),
        ({}, {"sessionid": "key"}, {"token": "x"}, False, False),
        ({}, {}, {"token": ""}, False, False),
        ({}, {"sessionid": "key"}, {"ticket": "x"}, False, False),
        ({}, {}, {"ticket": ""}, False, False),
        ({"token": "x", "ticket": "x"}, {}, {"authorization": "Bearer x"}, False, True),
    ],
)
def test_a_request_relies_on_the_cookie_only_if_it_sends_no_other_credential(
    headers: dict[str, str], cookies: dict[str, str], query: dict[str, str], by_cookie: bool, anonymous: bool
) -> None:
    assert relies_on_cookie(headers=headers, cookies=cookies, query=query) is by_cookie
    assert is_anonymous(headers=headers, cookies=cookies, query=query) is anonymous


class TestPrecedence:
    def test_a_token_wins_over_the_cookie(self) -> None:
        cookie = session_of(alice())
        _, key = token_issue(user=bob().participant, name="bot")
        assert known(ask(cookie=cookie, bearer=key)).user.username == "bob"
        assert known(ask(cookie=cookie, token=key)).user.username == "bob"

    def test_a_bad_token_never_falls_back_to_the_cookie(self) -> None:
        cookie = session_of(alice())
        assert ask(cookie=cookie)
        for bad in ("", "bc_wrong", "a.b.c"):
            assert ask(cookie=cookie, bearer=bad) is None
            assert ask(cookie=cookie, token=bad) is None
            assert ask(cookie=cookie, ticket=bad) is None

    def test_a_password_for_the_proxy_is_not_a_token_of_ours(self) -> None:
        cookies = {"sessionid": session_of(alice())}
        basic = {"authorization": "Basic YWxpY2U6c2VjcmV0"}
        assert identify(headers=basic, cookies=cookies, query={})
        assert relies_on_cookie(headers=basic, cookies=cookies, query={})

    def test_an_identity_is_not_another_persons(self) -> None:
        mine = known(ask(bearer=jwt.issue(alice().participant)))
        assert not still_valid(Identity(bob().participant, mine.kind, mine.key))
