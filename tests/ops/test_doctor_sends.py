"""`manage.py doctor --send-to`: a push to each device and an e-mail, to receivers that the tests run."""

import pytest
from pytest_django.fixtures import Settings

from accounts.models import User
from chat.identity import Identity
from chat.management.doctor.notifications import mail_server as doctor_of_mail
from chat.management.doctor.notifications import test_send as sends
from chat.models import Participant
from chat.services.push_subscriptions import subscription_add
from support import people
from support.mailbox import mail_server
from support.push_service import PushService

pytestmark = pytest.mark.django_db(transaction=True)


def alice(service: PushService, *devices: str) -> None:
    person = people.alice()
    User.objects.filter(participant=person).update(email="alice@example.org")
    for name in devices:
        facts = service.browser(name).subscription
        subscription_add(
            identity=Identity(Participant.objects.get(pk=person.pk), "token", "key"),
            endpoint=facts["endpoint"],
            name=name,
            **facts["keys"],
        )


def test_a_push_and_an_e_mail_arrive(settings: Settings) -> None:
    settings.CHAT_PUSH_ALLOW = ["127.0.0.1"]
    with PushService() as service, mail_server(settings) as mailbox:
        alice(service, "phone", "laptop")
        assert list(doctor_of_mail()) == [(True, "mail: the server answers and lets us in")]
        assert sorted(sends("Alice")) == [
            (True, "test mail: the mail server has taken it"),
            (True, "test push to laptop: the push service has taken it"),
            (True, "test push to phone: the push service has taken it"),
        ]
        assert {push.facts["tag"] for push in service.pushes} == {"test"}
        assert [mail["To"] for mail in mailbox.mails] == ["alice@example.org"]


def test_what_is_refused_is_said_with_its_cure_and_without_the_address(settings: Settings) -> None:
    settings.CHAT_PUSH_ALLOW = ["127.0.0.1"]
    with PushService() as service, mail_server(settings) as mailbox:
        alice(service, "phone")
        service.answers["phone"] = [(403, {})]
        mailbox.refusal = "550 no such person"
        assert list(sends("alice")) == [
            (
                False,
                "test push to phone: 403 the push service refuses our signature: see CHAT_PUSH_KEY, CHAT_PUSH_CONTACT "
                "and the clock",
            ),
            (False, "test mail: the server refuses the address of the person"),
        ]
    assert list(doctor_of_mail()) == [
        (False, "mail: the server cannot be reached (ConnectionRefusedError): see EMAIL_URL")
    ]
    assert list(sends("nobody")) == [(False, "test: there is no active person nobody")]
