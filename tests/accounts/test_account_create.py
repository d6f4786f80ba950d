"""Creating accounts, even when two people do it at the same moment."""

from collections.abc import Callable
from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from accounts import services
from accounts.models import User
from support.accounts import PASSWORD, alice

together = pytest.mark.django_db(transaction=True)


def at_once(*works: Callable[[], object]) -> list[BaseException]:
    """Run the functions at the same moment, each on its own connection; returns the exceptions they raised."""
    start, raised = Barrier(len(works)), list[BaseException]()

    def run(work: Callable[[], object]) -> None:
        try:
            start.wait()
            work()
        except BaseException as error:
            raised.append(error)
        finally:
            connection.close()

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def _sign_up(username: str, invitation: str = "") -> Callable[[], User]:
    return lambda: services.sign_up(username=username, password=PASSWORD, display_name="", invitation=invitation)


@together
def test_of_several_first_people_one_becomes_the_administrator(monkeypatch: pytest.MonkeyPatch) -> None:
    # Each of them checked before any account existed.
    monkeypatch.setattr(services, "is_first_account", lambda: True)
    assert at_once(*(_sign_up(f"person{n}") for n in range(5))) == []
    assert User.objects.count() == 5
    assert User.objects.filter(is_founder=True, is_staff=True, is_superuser=True).count() == 1
    assert User.objects.filter(is_founder=False, is_staff=False, is_superuser=False).count() == 4


@together
def test_of_several_people_with_one_name_one_gets_it(monkeypatch: pytest.MonkeyPatch) -> None:
    alice()
    monkeypatch.setattr(services, "account_errors", lambda **_: {})
    raised = at_once(_sign_up("dora"), _sign_up("Dora"), _sign_up("DORA"))
    assert len(raised) == 2
    for error in raised:
        assert isinstance(error, ValidationError)
        assert error.message_dict == {"username": ["That username is taken."]}
    assert User.objects.filter(username__iexact="dora").count() == 1


@together
def test_of_several_people_with_one_invitation_one_gets_in(settings: object) -> None:
    settings.CHAT_SIGNUP = "invite"  # type: ignore[attr-defined]
    _, code = services.invitation_issue(created_by=alice())
    raised = at_once(*(_sign_up(f"person{n}", code) for n in range(3)))
    assert [type(error) for error in raised] == [services.NotInvited, services.NotInvited]
    assert User.objects.count() == 2


@pytest.mark.django_db
def test_all_problems_are_named_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        services.account_create(username="-", password="short", display_name="a\nb", email="nowhere")
    assert set(caught.value.message_dict) == {"username", "password", "display_name", "email"}
    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_bot_needs_no_password() -> None:
    bot = services.account_create(username="bot", password=None)
    assert not bot.has_usable_password()


@pytest.mark.django_db
def test_deleting_the_founder_makes_no_one_else_one() -> None:
    founder = services.account_create(username="ada", password=PASSWORD)
    services.account_create(username="bob", password=PASSWORD)
    founder.delete()
    assert not services.account_create(username="charlie", password=PASSWORD).is_superuser
