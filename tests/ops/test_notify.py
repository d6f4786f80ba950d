"""`manage.py notify --once`: sends what is due where no server runs."""

from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from chat.identity import Identity
from chat.management.commands import notify
from chat.models import NotificationWork
from chat.services import notification_work
from chat.services.posting import Draft, messages_post
from chat.services.push_subscriptions import subscription_add
from support import people
from support.push_service import PushService

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_sends_once_what_is_due_and_leaves_the_work_to_a_server_that_does_it(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.CHAT_PUSH_ALLOW = ["127.0.0.1"]
    monkeypatch.setattr(notify, "PATIENCE_SECONDS", 0)
    NotificationWork.objects.all().delete()
    alice, bob = people.alice(), people.bob()
    people.room(owner=alice, members=[bob])
    with PushService() as service:
        facts = service.browser("phone").subscription
        subscription_add(identity=Identity(alice, "token", "key"), endpoint=facts["endpoint"], **facts["keys"])
        messages_post([Draft(bob, "garden", "hello @alice")])
        for _ in range(2):
            call_command("notify", "--once")
        assert [push.facts["body"] for push in service.pushes] == ["hello @alice"]
        assert notification_work.work_take(uuid4(), seconds=30)
        messages_post([Draft(bob, "garden", "again, @alice")])
        call_command("notify", "--once")
        assert len(service.pushes) == 1
    assert capsys.readouterr().out.splitlines() == ["Sent.", "Sent.", "A server sends them already."]


def test_it_asks_for_its_option() -> None:
    with pytest.raises(CommandError, match="Say --once"):
        call_command("notify")
