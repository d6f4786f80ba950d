"""Each change of a person's access is counted, and signalled after the commit."""

from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from accounts import services
from accounts.models import User
from chat import signals
from chat.identity.credentials import identify, still_valid
from chat.models import Participant
from chat.signals import mark_access_changed
from support.accounts import alice, bob

pytestmark = pytest.mark.django_db(transaction=True)


def access_rev(user: User) -> int:
    return Participant.objects.get(user=user).access_rev


def test_no_signal_is_sent_before_the_commit_or_after_a_rollback(told: list[int]) -> None:
    user = alice()
    with transaction.atomic():
        mark_access_changed([user.participant.pk])
        assert told == []
    assert told == [user.participant.pk]
    with transaction.atomic():
        mark_access_changed([user.participant.pk])
        transaction.set_rollback(True)
    assert told == [user.participant.pk]
    assert access_rev(user) == 1


def test_each_person_is_counted_once_in_one_query(told: list[int], django_assert_num_queries: Any) -> None:
    people = [alice(), bob()]
    with django_assert_num_queries(1):
        mark_access_changed(user.participant.pk for user in people * 2)
    with django_assert_num_queries(0):
        mark_access_changed([])
    assert [access_rev(user) for user in people] == [1, 1]
    assert told == sorted(user.participant.pk for user in people)


@pytest.mark.parametrize(
    "change",
    [
        {"password": "!"},
        {"is_active": False},
        {"is_staff": True},
        {"is_superuser": True},
    ],
)
@pytest.mark.parametrize("only", [True, False])
def test_a_change_of_rights_is_signalled_however_it_is_saved(
    told: list[int], change: dict[str, Any], only: bool
) -> None:
    pk = alice().pk
    user = User.objects.get(pk=pk)
    for name, value in change.items():
        setattr(user, name, value)
    user.save(update_fields=list(change) if only else None)
    user.save()
    assert told == [user.participant.pk]
    assert access_rev(user) == 1


def test_other_changes_send_no_signal(told: list[int]) -> None:
    user = User.objects.get(pk=alice().pk)
    user.display_name = "Alice Liddell"
    user.save()
    user.save(update_fields=["last_login"])
    User.objects.only("username").get(pk=user.pk).save()
    assert told == []


def test_an_instance_read_long_ago_turns_no_counter_back() -> None:
    user = alice()
    stale = User.objects.get(pk=user.pk)
    services.sign_out_everywhere(user=user)
    stale.display_name = "Alice Liddell"
    stale.save()
    fresh = User.objects.get(pk=user.pk)
    assert (fresh.participant.access_rev, fresh.session_generation) == (1, 1)
    assert fresh.display_name == "Alice Liddell"


def test_clearing_away_what_has_run_out_costs_the_same_for_any_number(
    told: list[int], django_assert_max_num_queries: Any
) -> None:
    user = alice()
    for _ in range(20):
        Client().force_login(user)
    Session.objects.update(expire_date="2020-01-01T00:00:00+00:00")
    with django_assert_max_num_queries(8):
        call_command("clearsessions")
    assert not Session.objects.exists()
    assert told == []


@pytest.mark.parametrize("engine", ["cache", "file", "cached_db", "db"])
def test_a_sign_out_is_signalled_after_the_session_has_ended_wherever_that_is_kept(
    engine: str, settings: Any, tmp_path: Path
) -> None:
    settings.SESSION_ENGINE = f"django.contrib.sessions.backends.{engine}"
    settings.SESSION_FILE_PATH = str(tmp_path)
    user, browser = alice(), Client()
    browser.force_login(user)
    cookies = {"sessionid": browser.cookies["sessionid"].value}
    found = identify(headers={}, cookies=cookies, query={})
    assert found
    assert found.user.pk == user.participant.pk
    valid: list[bool] = []

    def hear(*, user_ids: frozenset[int], **_: Any) -> None:
        assert user_ids == {user.participant.pk}
        valid.append(still_valid(found))

    signals.access_changed.connect(hear)
    browser.logout()
    signals.access_changed.disconnect(hear)
    assert valid
    assert not any(valid)
