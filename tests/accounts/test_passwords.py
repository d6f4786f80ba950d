"""A password is the same however a keyboard encodes it, and older hashes of the raw input remain valid."""

import unicodedata
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from accounts import services
from accounts.models import User
from chat.identity.opaque import opaque, spellings
from chat.identity.passwords import check_password
from support.accounts import alice

pytestmark = pytest.mark.django_db

COMPOSED = unicodedata.normalize("NFC", "Zwölf Äpfel für é")
DECOMPOSED = unicodedata.normalize("NFD", COMPOSED)
HANGUL = unicodedata.normalize("NFD", "비밀번호는 길다 정말")


def knows(user: User, password: str) -> bool:
    return check_password(username=user.username, password=password, address="192.0.2.1") == user


@pytest.mark.parametrize(
    ("chosen", "typed"),
    [
        (COMPOSED, DECOMPOSED),
        (DECOMPOSED, COMPOSED),
        (HANGUL, unicodedata.normalize("NFC", HANGUL)),
        ("a horse\u00a0with no name", "a horse with no name"),
        ("a horse with no name", "a horse\u3000with no name"),
        ("\u212bngström units", "\u00c5ngström units"),
    ],
)
def test_what_is_chosen_in_one_spelling_is_typed_in_another(chosen: str, typed: str) -> None:
    user = services.account_create(username="zoe", password=chosen)
    assert knows(user, typed)
    assert knows(user, chosen)


@pytest.mark.parametrize(
    "other", ["Zwolf Apfel fur e", COMPOSED.lower(), COMPOSED + "\u0301", COMPOSED.replace("é", "ｅ")]
)
def test_letters_case_and_width_still_count(other: str) -> None:
    user = services.account_create(username="zoe", password=COMPOSED)
    assert not knows(user, other)


@pytest.mark.parametrize("hashed", [COMPOSED, DECOMPOSED, "a\u00a0horse né DECOMPOSED e\u0301"])
def test_what_was_hashed_as_it_was_typed_goes_on_and_is_hashed_anew_at_a_sign_in(client: Client, hashed: str) -> None:
    user = alice()
    User.objects.filter(pk=user.pk).update(password=make_password(hashed))
    user.refresh_from_db()
    assert knows(user, hashed)
    assert knows(user, opaque(hashed)) or hashed.count("\u00a0"), "NFC and NFD are both tried"
    user.refresh_from_db()
    assert user.check_password(hashed), "asking again changes nothing"
    answer = client.post("/accounts/login/", {"login": "alice", "password": hashed})
    assert answer.status_code == 302
    user.refresh_from_db()
    assert user.check_password(opaque(hashed))
    assert client.get("/settings/").status_code == 200, "the browser that signed in stays in"
    assert knows(user, unicodedata.normalize("NFD", hashed))


def test_a_changed_and_a_reset_password_are_stored_in_the_one_form(client: Client) -> None:
    user = services.account_create(username="zoe", password=COMPOSED)
    client.force_login(user)
    form = {"oldpassword": DECOMPOSED, "password1": DECOMPOSED + "!"}
    assert client.post("/accounts/password/change/", form).status_code == 302
    user.refresh_from_db()
    assert user.check_password(COMPOSED + "!")


def test_a_name_that_is_not_there_takes_as_many_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    alice()
    tried: list[Any] = []
    monkeypatch.setattr("chat.identity.passwords.authenticate", lambda *_args, **asked: tried.append(asked["username"]))
    for username in ("alice", "nobody"):
        assert check_password(username=username, password=DECOMPOSED, address="192.0.2.1") is None
    assert tried == ["alice"] * 2 + ["nobody"] * 2


def test_ascii_is_hashed_once() -> None:
    assert spellings("correct horse battery staple") == ["correct horse battery staple"]
