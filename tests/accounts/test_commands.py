"""`manage.py adduser`, `token` and `invite`."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts import services
from accounts.models import Invitation, User
from chat.identity.credentials import identify
from chat.models import ApiToken
from support.accounts import PASSWORD, alice, bob

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue().rstrip("\n")


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts text on standard input, which is no terminal."""

    def put(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.StringIO(text))

    return put


class TestAddUser:
    def test_the_first_account_is_the_administrator(self, typed: Any) -> None:
        typed(f"{PASSWORD}\r\n")
        assert run("adduser", "ada", "--display-name", "Ada L.", "--password-stdin") == "Created administrator ada."
        user = User.objects.get()
        assert (user.display_name, user.is_founder, user.is_superuser) == ("Ada L.", True, True)
        assert user.check_password(PASSWORD)

    @pytest.mark.parametrize(
        ("flags", "said", "staff"),
        [([], "Created account bob.", False), (["--staff"], "Created administrator bob.", True)],
    )
    def test_later_ones_only_when_asked(self, typed: Any, flags: list[str], said: str, staff: bool) -> None:
        alice()
        typed(PASSWORD)
        assert run("adduser", "bob", "--password-stdin", *flags) == said
        user = User.objects.get(username="bob")
        assert (user.is_staff, user.is_superuser, user.is_founder) == (staff, staff, False)

    @pytest.mark.parametrize(
        ("arguments", "password", "sentence"),
        [
            (["Alice", "--password-stdin"], PASSWORD, "That username is taken."),
            (["a b", "--password-stdin"], PASSWORD, "Use 1 to 32 letters"),
            (["bob", "--password-stdin"], "short", "too short"),
            (["bob", "--password-stdin"], "", "too short"),
            (["bob", "--password-stdin", "--display-name", "B\nb"], PASSWORD, "Use only letters, digits"),
            (["bob"], PASSWORD, "No terminal to ask for a password. Pass it on standard input with --password-stdin."),
        ],
    )
    def test_what_will_not_do_is_said_in_one_line(
        self, typed: Any, arguments: list[str], password: str, sentence: str
    ) -> None:
        alice()
        typed(password)
        with pytest.raises(CommandError) as caught:
            run("adduser", *arguments)
        assert sentence in str(caught.value)
        assert "\n" not in str(caught.value)
        assert caught.value.returncode == 1
        assert User.objects.count() == 1

    def test_at_a_terminal_the_password_is_asked_for_twice(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
        answers = iter([PASSWORD, "something else", PASSWORD, PASSWORD])
        monkeypatch.setattr("getpass.getpass", lambda _prompt: next(answers))
        with pytest.raises(CommandError, match="The two passwords differ"):
            run("adduser", "bob")
        assert run("adduser", "bob") == "Created administrator bob."


class TestToken:
    def test_it_prints_a_key_that_signs_the_person_in(self) -> None:
        user = alice()
        key = run("token", "Alice", "--name", "ci", "--days", "30")
        identity = identify(headers={"authorization": f"Bearer {key}"}, cookies={}, query={})
        assert identity is not None
        assert identity.user == user.participant
        token = ApiToken.objects.get()
        assert token.name == "ci"
        assert token.expires_at is not None
        assert 29 <= (token.expires_at - timezone.now()).days <= 30
        assert key not in str(ApiToken.objects.values().get())

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (["nobody"], "No account has that name."),
            (["a\0b"], "No account has that name."),
            (["bob"], "The account bob is deactivated."),
            (["alice", "--days", "0"], "--days must be from 1 to 3650."),
            (["alice", "--days", "99999999"], "--days must be from 1 to 3650."),
            (["alice", "--days", "soon"], "invalid int value: 'soon'"),
            (["alice", "--name", " "], "--name must be 1 to 64 printable characters."),
            (["alice", "--name", "n" * 65], "--name must be 1 to 64 printable characters."),
        ],
    )
    def test_what_will_not_do_is_said_in_one_line(self, arguments: list[str], sentence: str) -> None:
        alice()
        services.account_deactivate(user=bob())
        with pytest.raises(CommandError) as caught:
            run("token", *arguments)
        assert sentence in str(caught.value)
        assert not ApiToken.objects.exists()


class TestInvite:
    def test_it_prints_a_link_for_one_sign_up(self, settings: Any) -> None:
        settings.CHAT_SIGNUP = "invite"
        alice()
        link = run("invite", "--note", "Dora", "--base", "https://chat.example.com/")
        base, _, code = link.partition("?invitation=")
        assert base == "https://chat.example.com/accounts/signup/"
        assert services.may_sign_up(invitation=code)
        assert not services.may_sign_up(invitation=code + "x")
        assert code not in str(Invitation.objects.values().get())
        # Without an address in the settings, the link uses the server's own.
        settings.CHAT_PUBLIC_URL = "https://chat.example.org"
        assert run("invite", "--rooms", "lobby").startswith("https://chat.example.org/accounts/signup/?invitation=")

    @pytest.mark.parametrize(
        ("arguments", "sentence"),
        [
            (["--days", "0"], "--days must be from 1 to 365."),
            (["--note", "n" * 65], "--note must be at most 64 printable characters."),
            (["--rooms", "lobby", "nowhere"], "There is no public room nowhere."),
        ],
    )
    def test_what_will_not_do_is_said_in_one_line(self, arguments: list[str], sentence: str) -> None:
        with pytest.raises(CommandError, match=sentence):
            run("invite", *arguments)
        assert not Invitation.objects.exists()
