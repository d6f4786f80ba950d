"""A forgotten password, and the e-mail that lets its owner sign in again."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail as outgoing
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import services
from accounts.models import User
from chat.identity import jwt, throttle
from chat.identity.credentials import identify
from chat.lib import mail
from chat.services.tokens import token_issue
from support.accounts import PASSWORD, alice, bob
from your_project import env
from your_project.redaction import without_secrets

pytestmark = pytest.mark.django_db
NEW = "a longer horse"


@pytest.fixture(autouse=True)
def _letters_are_kept(settings: Any) -> Iterator[None]:
    settings.CHAT_RESET_BY_EMAIL = True
    yield
    mail.wait()


def forgetful() -> User:
    user = alice()
    services.email_change(user=user, email="Alice@example.org")
    return user


def ask(email: str = "alice@example.org") -> Client:
    browser = Client()
    response = browser.post("/accounts/password/reset/", {"email": email})
    assert response.headers["Location"] == "/accounts/password/reset/done/"
    mail.wait()
    return browser


def link() -> str:
    [letter] = outgoing.outbox
    found = re.search(r"http://localhost:8000(/accounts/password/reset/key/\S+)", str(letter.body))
    assert found
    return found[1]


def choose(browser: Client, path: str, password: str = NEW) -> Any:
    page = browser.get(path)
    return (
        browser.post(page.headers["Location"], {"password1": password}, follow=True)
        if page.status_code == 302
        else page
    )


def test_a_letter_lets_somebody_choose_a_new_password() -> None:
    user = forgetful()
    old, token = Client(), jwt.issue(user.participant)
    old.force_login(user)
    _, key = token_issue(user=user.participant, name="bot")
    browser = ask("ALICE@example.org")
    [letter] = outgoing.outbox
    assert letter.to == ["alice@example.org"]
    assert letter.subject == "A new password for Backchannel"
    assert "for the account alice on localhost:8000" in letter.body
    assert "Your password has been changed" in choose(browser, link()).content.decode()
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert old.get("/settings/").status_code == 302
    assert identify(headers={"authorization": f"Bearer {token}"}, cookies={}, query={}) is None
    assert identify(headers={"authorization": f"Bearer {key}"}, cookies={}, query={}), "programs keep their own"


@pytest.mark.parametrize("host", ["testserver:6666", "127.0.0.1:1"])
def test_the_link_begins_with_the_configured_origin_whatever_host_was_asked_for(settings: Any, host: str) -> None:
    settings.CHAT_PUBLIC_URL = "https://chat.example.org"
    forgetful()
    Client(headers={"host": host}).post("/accounts/password/reset/", {"email": "alice@example.org"})
    mail.wait()
    [letter] = outgoing.outbox
    assert "https://chat.example.org/accounts/password/reset/key/" in letter.body
    assert host.partition(":")[0] not in letter.body
    assert "on chat.example.org." in letter.body


def test_the_answer_does_not_say_who_has_an_account() -> None:
    forgetful()
    pages = [
        Client().post("/accounts/password/reset/", {"email": one}, follow=True)
        for one in ("alice@example.org", "nobody@example.org")
    ]
    assert pages[0].content == pages[1].content
    mail.wait()
    assert len(outgoing.outbox) == 1, "and a stranger gets no letter"


def test_a_deactivated_account_gets_none() -> None:
    services.account_deactivate(user=forgetful())
    ask()
    assert outgoing.outbox == []


def test_a_link_works_once() -> None:
    forgetful()
    browser = ask()
    choose(browser, link())
    page = choose(Client(), link(), "yet another horse")
    assert "This link no longer works" in page.content.decode()
    assert User.objects.get().check_password(NEW)


def test_a_link_ends_after_an_hour_and_with_a_sign_in(settings: Any) -> None:
    user = forgetful()
    ask()
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert "This link no longer works" in choose(Client(), link()).content.decode()
    settings.PASSWORD_RESET_TIMEOUT = 3600
    user.last_login = timezone.now()
    user.save(update_fields=["last_login"])
    assert "This link no longer works" in choose(Client(), link()).content.decode()


@pytest.mark.parametrize("key", ["1-set-password", "1-x", "zzzzzzzzzzzzzzz-1-1", "0-%00", "1-" + "a" * 500])
def test_a_made_up_link_is_none(key: str) -> None:
    forgetful()
    page = choose(Client(), f"/accounts/password/reset/key/{key}/")
    assert page.status_code in {200, 404}
    assert page.status_code == 404 or "This link no longer works" in page.content.decode()


def test_a_weak_password_is_refused_under_its_field() -> None:
    forgetful()
    page = choose(ask(), link(), "short").content.decode()
    assert "at least 10 characters" in page
    assert User.objects.get().check_password(PASSWORD)


def test_a_mailbox_is_not_filled_by_a_stranger() -> None:
    forgetful()
    for _ in range(5):
        ask()
    assert len(outgoing.outbox) == 1


def test_a_lost_cache_stops_no_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ConnectionError

    forgetful()
    monkeypatch.setattr(cache, "add", fail)
    ask()
    assert len(outgoing.outbox) == 1


def test_a_failing_mail_server_is_reported_to_the_operator_only(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    forgetful()
    settings.EMAIL_BACKEND = "nowhere.at.All"
    ask()
    assert "An e-mail could not be sent: " in caplog.text
    assert "alice@example.org" not in caplog.text


def test_asking_is_limited_with_signing_in() -> None:
    alice()
    limit = throttle.LIMITS["sign_in"].address
    assert limit
    for _ in range(limit.amount - 1):
        throttle.check("sign_in", address="127.0.0.1")
    assert Client().post("/accounts/password/reset/", {"email": "nobody@example.org"}).status_code == 302
    page = Client().post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert page.status_code == 429
    assert int(page.headers["Retry-After"]) > 0
    assert "Too many requests" in page.content.decode()


@pytest.mark.parametrize("email", ["", "alice", "a\0@example.org", "a" * 5000 + "@example.org", "' OR 1=1 --"])
def test_what_is_no_address_is_said_so(email: str) -> None:
    alice()
    page = Client().post("/accounts/password/reset/", {"email": email})
    assert page.status_code == 200
    assert 'aria-invalid="true"' in page.content.decode()


def test_another_site_asks_for_no_letter() -> None:
    forgetful()
    browser = Client(enforce_csrf_checks=True)
    assert browser.post("/accounts/password/reset/", {"email": "alice@example.org"}).status_code == 403


def test_where_no_letter_can_be_sent_an_administrator_is_named(settings: Any) -> None:
    forgetful()
    settings.CHAT_RESET_BY_EMAIL = False
    assert "An administrator can set a new one." in Client().get("/accounts/login/").content.decode()
    assert (
        "An administrator of testserver can set a new one" in Client().get("/accounts/password/reset/").content.decode()
    )
    assert Client().post("/accounts/password/reset/", {"email": "alice@example.org"}).status_code == 404
    assert "E-mail" not in Client().get("/accounts/signup/").content.decode()


def test_an_address_may_be_given_at_sign_up_and_need_not() -> None:
    alice()
    form = {"username": "dora", "display_name": "", "password": PASSWORD}
    assert Client().post("/accounts/signup/", form | {"email": "Dora@Example.org"}).status_code == 302
    assert Client().post("/accounts/signup/", form | {"username": "erik"}).status_code == 302
    assert User.objects.get(username="dora").email == "dora@example.org"
    wrong = Client().post("/accounts/signup/", form | {"username": "finn", "email": "nowhere"})
    assert 'aria-invalid="true"' in wrong.content.decode()
    assert not User.objects.filter(username="finn").exists()


def test_two_accounts_of_one_address_get_a_letter_each() -> None:
    forgetful()
    services.email_change(user=bob(), email="alice@example.org")
    ask()
    assert sorted(re.findall(r"the account (\w+)", " ".join(str(letter.body) for letter in outgoing.outbox))) == [
        "alice",
        "bob",
    ]


def test_no_key_of_a_letter_gets_into_a_log() -> None:
    line = "Internal Server Error: /accounts/password/reset/key/1-abc-0123456789abcdef/"
    assert without_secrets(line) == "Internal Server Error: /accounts/password/reset/key/[…]/"


@pytest.mark.parametrize("raw", ["mail.example.org", "http://host", "smtp://", "smtp+tls://u:hunter2@host:port"])
def test_a_bad_address_of_a_mail_server_stops_the_start(monkeypatch: pytest.MonkeyPatch, raw: str) -> None:
    monkeypatch.setenv("X", raw)
    with pytest.raises(SystemExit, match=r"^Backchannel cannot start: X must be [^\n]+$") as refusal:
        env.mail("X")
    assert "hunter2" not in str(refusal.value)


def test_an_address_of_a_mail_server_is_taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "smtp+tls://chat:secret@mail.example.org:587")
    found = env.mail("X")
    assert (found["EMAIL_HOST"], found["EMAIL_PORT"], found["EMAIL_USE_TLS"]) == ("mail.example.org", 587, True)
    monkeypatch.setenv("X", "")
    assert env.mail("X")["EMAIL_BACKEND"] == "django.core.mail.backends.console.EmailBackend"
