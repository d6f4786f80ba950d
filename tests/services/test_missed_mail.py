"""E-mails about missed mentions, through a real SMTP server."""

import email
import email.policy
import re
import time
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.core import mail as outbox
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from chat.lib import mail
from chat.live.missed_mailing import MissedMailing
from chat.models import Attention, File, Membership, Message, Notification, NotificationWork, Participant, Room
from chat.protocol.errors import ChatError
from chat.services import mail_addresses, missed_mail
from chat.services import notification_decisions as decisions
from chat.services import notification_work as work
from chat.services.posting import Draft, messages_post
from support.mailbox import Mailbox, mail_server

pytestmark = pytest.mark.django_db


@pytest.fixture
def mailbox(settings: Settings) -> Generator[Mailbox]:
    with mail_server(settings) as box:
        yield box


@pytest.fixture
def missing(alice: Participant, bob: Participant, garden: Room) -> Participant:
    """Alice wants e-mails after 15 minutes, and Bob mentioned her three times an hour ago."""
    User.objects.filter(participant=alice).update(email="alice@example.org")
    Attention.objects.create(user=alice, mail="15m", mail_verified="alice@example.org")
    for text in ("**one** @alice <script>", "two @alice", "three @alice", "and talk"):
        [posted] = messages_post([Draft(bob, garden.slug, text)])
        assert not isinstance(posted, ChatError)
    NotificationWork.objects.all().delete()
    process = uuid4()
    work.work_take(process, seconds=30)
    decisions.heads_decide(work.new_heads(), process_id=process)
    Notification.objects.update(created_at=timezone.now() - timedelta(hours=1))
    return Participant.objects.get(pk=alice.pk)


def send() -> list[str]:
    outcomes = []
    for missed in missed_mail.mails_due():
        outcomes.append(missed_mail.mail_send(missed))
        missed_mail.mail_record(missed, outcomes[-1])
    return outcomes


def test_one_e_mail_has_all_that_was_missed(missing: Participant, mailbox: Mailbox) -> None:
    assert send() == ["sent"]
    [got] = mailbox.mails
    assert (got["To"], got["Subject"]) == ("alice@example.org", "3 missed messages")
    text = got.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "Bob in #Garden" in text
    assert "https://chat.example.org/rooms/garden/#m1" in text
    assert "and talk" not in text
    html = got.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "<strong>one</strong>" in html
    assert "&lt;script&gt;" in html
    assert got["References"].endswith("@chat.example.org>")
    assert send() == [], "once"


def test_of_a_picture_without_words_the_e_mail_has_its_name(
    missing: Participant, mailbox: Mailbox, bob: Participant, garden: Room
) -> None:
    last = Message.objects.get(room=garden, seq=3)
    Message.objects.filter(pk=last.pk).update(text="", file_count=1)
    File.objects.create(uploader=bob, name="low <tide>.png", message=last, state=File.State.READY, length=1, size=1)
    assert send() == ["sent"]
    [got] = mailbox.mails
    assert "low <tide>.png" in got.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "low &lt;tide&gt;.png" in got.get_body(("html",)).get_content()  # type: ignore[union-attr]


def test_what_was_read_is_left_out_and_nothing_is_sent_of_nothing(
    missing: Participant, mailbox: Mailbox, garden: Room
) -> None:
    Membership.objects.filter(user=missing, room=garden).update(read_seq=2)
    assert send() == ["sent"]
    assert mailbox.mails[0]["Subject"] == "Bob in #Garden"
    Notification.objects.update(mail=True)
    Membership.objects.filter(user=missing, room=garden).update(read_seq=4)
    assert send() == []


@pytest.mark.parametrize(
    "facts",
    [
        {"mail": "never"},
        {"mail_verified": ""},
        {"mail_verified": "old@example.org"},
        {"paused_until": timezone.now() + timedelta(days=1)},
        {"quiet": True, "quiet_start": 0, "quiet_end": 0},
    ],
)
def test_no_e_mail_to_an_address_that_was_not_confirmed_or_in_quiet_hours(
    missing: Participant, mailbox: Mailbox, facts: dict[str, Any]
) -> None:
    Attention.objects.update(**facts)
    assert send() == []


def test_the_time_of_each_choice(missing: Participant, mailbox: Mailbox) -> None:
    now = timezone.now()
    Notification.objects.update(created_at=now - timedelta(minutes=20))
    Attention.objects.update(mail="1h")
    assert missed_mail.mails_due(now=now) == []
    assert len(missed_mail.mails_due(now=now + timedelta(minutes=41))) == 1


def test_the_daily_e_mail_comes_at_eight_by_the_clock_of_the_person(missing: Participant, mailbox: Mailbox) -> None:
    Attention.objects.update(mail="daily", zone="Europe/Berlin")
    # Also on the day when the clock goes forward at two.
    Notification.objects.update(created_at=datetime(2027, 3, 27, 9, 0, tzinfo=UTC))
    assert missed_mail.mails_due(now=datetime(2027, 3, 27, 23, 0, tzinfo=UTC)) == []
    assert missed_mail.mails_due(now=datetime(2027, 3, 28, 5, 59, tzinfo=UTC)) == []
    assert len(missed_mail.mails_due(now=datetime(2027, 3, 28, 6, 0, tzinfo=UTC))) == 1


def test_an_address_that_refuses_ends_the_e_mails_and_a_full_mailbox_waits(
    missing: Participant, mailbox: Mailbox
) -> None:
    mailbox.refusal = "452 mailbox full"
    assert send() == ["waits"]
    mailbox.refusal = "550 no such person"
    assert send() == ["refused"]
    assert Attention.objects.get().mail == "never"
    assert send() == []


async def _always() -> bool:
    return True


@pytest.mark.django_db(transaction=True)
async def test_others_do_not_wait_with_a_full_mailbox(
    missing: Participant, bob: Participant, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of_bob() -> None:
        User.objects.filter(participant=bob).update(email="bob@example.org")
        Attention.objects.create(user=bob, mail="15m", mail_verified="bob@example.org")
        for one in Notification.objects.all():
            one.pk, one.user = None, bob
            one.save()
        Membership.objects.filter(user=bob).update(read_seq=0)
        Notification.objects.update(created_at=timezone.now() - timedelta(hours=1))

    await sync_to_async(of_bob)()
    mailbox.refusal, mailbox.only = "452 mailbox full", {"alice@example.org"}
    mailing = MissedMailing(SimpleNamespace(keep=_always))  # type: ignore[arg-type]
    await mailing.send()
    await mailing.send()
    assert [got["To"] for got in mailbox.mails] == ["bob@example.org"]
    mailbox.refusal = ""
    monkeypatch.setattr("chat.live.missed_mailing.time.monotonic", lambda: time.monotonic_ns() / 1e9 + 901)
    await mailing.send()
    assert [got["To"] for got in mailbox.mails] == ["bob@example.org", "alice@example.org"]


def test_one_click_unsubscribes(missing: Participant, mailbox: Mailbox) -> None:
    send()
    [got] = mailbox.mails
    assert got["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    # As sent: encoded words, which Django 6.0 makes of a long header, are no address (RFC 2047, 5).
    assert re.search(
        rb"\r\nList-Unsubscribe:\s+<https://chat\.example\.org/unsubscribe/[\w:/-]{40,}>\r\n", mailbox.sources[0]
    )
    path = got["List-Unsubscribe"].strip(" <>").removeprefix("https://chat.example.org")
    program = Client(enforce_csrf_checks=True)
    assert program.get(path).status_code == 200
    assert Attention.objects.get().mail == "15m", "opening the link changes nothing"
    assert program.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Attention.objects.get().mail == "never"
    assert program.post("/unsubscribe/1:forged/").status_code == 404


def for_login(client: Client, person: Participant) -> None:
    assert person.user
    client.force_login(person.user)


def bounce(message_id: str, status: str, address: str = "alice@example.org") -> EmailMessage:
    text = f"""From: MAILER-DAEMON@mx.example.org
To: backchannel@localhost
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.org

Final-Recipient: rfc822; {address}
Action: failed
Status: {status}

--x
Content-Type: text/rfc822-headers

Message-ID: {message_id}

--x--
"""
    made = email.message_from_string(text, policy=email.policy.default)
    assert isinstance(made, EmailMessage)
    return made


def test_a_returned_e_mail_ends_them_and_a_forged_one_does_not(missing: Participant, mailbox: Mailbox) -> None:
    send()
    own = mailbox.mails[0]["Message-ID"]
    assert mail_addresses.returned(bounce("<missed.1.1.forged@chat.example.org>", "5.1.1")) == 0
    assert mail_addresses.returned(bounce(own, "4.2.2")) == 0
    assert mail_addresses.returned(bounce(own, "5.1.1", "other@example.org")) == 0
    assert Attention.objects.get().mail == "15m"
    strange = bounce(own, "4.2.2").as_string().replace("text/rfc822-headers", "text/plain; charset=nonsense")
    odd = email.message_from_bytes(strange.encode() + b"\xff", policy=email.policy.default)
    assert isinstance(odd, EmailMessage)
    assert mail_addresses.returned(odd) == 0
    assert mail_addresses.returned(bounce(own, "5.1.1")) == 1
    assert Attention.objects.get().mail == "never"


def test_an_address_is_confirmed_by_its_link(
    alice: Participant, bob: Participant, settings: Settings, client: Client
) -> None:
    settings.CHAT_PUBLIC_URL, settings.CHAT_RESET_BY_EMAIL = "https://chat.example.org", True
    User.objects.filter(participant=alice).update(email="alice@example.org")
    alice = Participant.objects.get(pk=alice.pk)
    assert mail_addresses.confirmation_send(user=alice)
    assert not mail_addresses.confirmation_send(user=alice), "not another one at once"
    mail.wait()
    [sent] = outbox.outbox
    path = next(line for line in sent.body.splitlines() if "https://" in line).removeprefix("https://chat.example.org")
    for_login(client, bob)
    client.post(path)
    for_login(client, alice)
    client.get(path)
    assert not Attention.objects.filter(mail_verified="alice@example.org").exists()
    client.post(path)
    assert Attention.objects.get().mail_verified == "alice@example.org"


def test_a_person_who_changes_the_address_again_and_again_fills_no_mailboxes(
    alice: Participant, settings: Settings, client: Client
) -> None:
    settings.CHAT_PUBLIC_URL, settings.CHAT_RESET_BY_EMAIL = "https://chat.example.org", True
    for_login(client, alice)
    for number in range(12):
        User.objects.filter(participant=alice).update(email=f"stranger{number}@example.org")
        client.post("/settings/mail/confirm/")
    mail.wait()
    assert len(outbox.outbox) == 10
