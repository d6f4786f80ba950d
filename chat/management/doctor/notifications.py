"""Tries what reaches people who are away: the key of pushes and the mail server; on request a push and an e-mail."""

import asyncio
import smtplib
from collections.abc import Iterator
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from chat.lib import web_push
from chat.lib.push_keys import BadKey
from chat.live.push_sender import PushSender
from chat.management.doctor.finding import Finding
from chat.models import Participant
from chat.services import mail_addresses, push_queue, push_subscriptions
from chat.services.push_queue import Outcome
from chat.services.push_texts import Outgoing

SMTP = "django.core.mail.backends.smtp.EmailBackend"
CURES = {
    "gone": "the device is gone, and will be ended",
    "our_fault": "the push service refuses our signature: see CHAT_PUSH_KEY, CHAT_PUSH_CONTACT and the clock",
    "network": "the push service cannot be reached: pushes need https to the internet, without a proxy",
    "timeout": "the push service does not answer in time: pushes need https to the internet, without a proxy",
    "address": "its push service is not on the internet: name it in CHAT_PUSH_ALLOW if it is yours",
    "key": "it was registered with another CHAT_PUSH_KEY: name that one in CHAT_PUSH_KEY_FALLBACKS",
}


def push_key() -> Iterator[Finding]:
    """Check the key that signs pushes."""
    try:
        for key in (settings.CHAT_PUSH_KEY, *settings.CHAT_PUSH_KEY_FALLBACKS):
            web_push.public_key(key)
    except BadKey as error:
        yield Finding(False, f"push: CHAT_PUSH_KEY {error}")
        return
    contact = settings.CHAT_PUSH_CONTACT or "none, which some push services refuse"
    yield Finding(True, f"push: the key signs, and the contact is {contact}")


def mail_server() -> Iterator[Finding]:
    """Check that the mail server takes connections, with our name and password."""
    if not mail_addresses.possible():
        yield Finding(True, "mail: EMAIL_URL is not set, so none is sent")
        return
    if settings.EMAIL_BACKEND != SMTP:
        yield Finding(True, "mail: it is written, not sent")
        return
    problem = ""
    connection = get_connection()
    try:
        connection.open()
    except (SMTPException, OSError) as error:
        problem = _smtp_problem(error)
    finally:
        connection.close()
    yield Finding(not problem, f"mail: {problem or 'the server answers and lets us in'}")


def test_send(username: str) -> Iterator[Finding]:
    """Send a test to each device of this person, and to the address of their account, now and past the queue."""
    user = Participant.objects.filter(username__iexact=username, is_active=True).select_related("user").first()
    if not user:
        yield Finding(False, f"test: there is no active person {username}")
        return
    yield from _test_pushes(user)
    yield _test_mail(user)


def _test_pushes(user: Participant) -> Iterator[Finding]:
    devices = push_subscriptions.subscriptions_of(user)
    if not devices:
        yield Finding(True, f"test push: {user} has no device; turn one on in the settings")
    named = {one.pk: one.name or push_subscriptions.device_of(one) for one in devices}
    ours = [one for one in devices if push_subscriptions.private_key_of(one.public_key)]
    for one in set(devices) - set(ours):
        yield Finding(False, f"test push to {named[one.pk]}: {CURES['key']}")
    for outcome in asyncio.run(_sent(push_queue.test_pushes(ours))):
        reason = push_queue.reason_of(outcome)
        said = f"{outcome.status} {CURES.get(reason, reason)}" if outcome.status else CURES.get(reason, reason)
        line = f"test push to {named[outcome.outgoing.subscription_id]}: "
        yield Finding(not reason, line + ("the push service has taken it" if not reason else said))


async def _sent(pushes: list[Outgoing]) -> list[Outcome]:
    sender = PushSender()
    try:
        return await sender.send(pushes, seconds=None)
    finally:
        await sender.close()


def _test_mail(user: Participant) -> Finding:
    address = mail_addresses.address_of(user)
    if not mail_addresses.possible():
        return Finding(True, "test mail: EMAIL_URL is not set")
    if not address:
        return Finding(True, f"test mail: {user} has no address")
    try:
        EmailMessage("Backchannel", "E-mail from this server works.", to=[address]).send()
    except (SMTPException, OSError) as error:
        return Finding(False, f"test mail: {_smtp_problem(error)}")
    return Finding(True, "test mail: the mail server has taken it")


def _smtp_problem(error: Exception) -> str:
    """The problem, without the address of a person."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return f"the server refuses our name or password ({error.smtp_code}): see EMAIL_URL"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "the server refuses the address of the person"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the server refuses with {error.smtp_code}: see EMAIL_FROM"
    return f"the server cannot be reached ({type(error).__name__}): see EMAIL_URL"
