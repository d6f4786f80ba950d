"""Sends e-mail in a thread of its own: the time of a response must not reveal whether an e-mail was sent."""

import email.policy
import hashlib
import logging
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage as Written
from typing import Any

import django
from django.core.cache import cache
from django.core.mail import EmailMessage, EmailMultiAlternatives

logger = logging.getLogger(__name__)

# At most one e-mail to an address in this time, so that a stranger cannot flood a mailbox.
ONE_IN_SECONDS = 300

# Maximum bytes of a line in an e-mail, without the line ending (RFC 5322, 2.1.1).
_LINE_MAX = 998

_postman = ThreadPoolExecutor(1, thread_name_prefix="mail")


class Mail(EmailMultiAlternatives):
    """An e-mail whose headers can hold long URLs.

    Since Django 6.0 Python's `email` folds the headers, and turns a word of more than 78 characters into encoded words,
    which `List-Unsubscribe` does not allow (RFC 2047, 5; RFC 2369, 2).
    """

    def message(self, **how: Any) -> Written:
        """Return the e-mail as it is sent; takes the arguments of Django's method."""
        if django.VERSION >= (6,):
            policy: email.policy.EmailPolicy = how.get("policy", email.policy.default)
            how["policy"] = policy.clone(max_line_length=_LINE_MAX)
        made: Written = super().message(**how)
        return made


def send_soon(message: EmailMessage) -> None:
    """Send an e-mail in the background."""
    _postman.submit(_send, message)


def wait(seconds: float | None = None) -> None:
    """Wait until all e-mails have been sent or have failed.

    Raises:
        TimeoutError: some are left after this many seconds.
    """
    _postman.submit(lambda: None).result(seconds)


def may_write_to(address: str) -> bool:
    """Whether no e-mail was sent to this address within ONE_IN_SECONDS. The call itself counts as sending one."""
    key = f"mail:{hashlib.sha256(address.lower().encode()).hexdigest()}"
    try:
        return cache.add(key, 1, ONE_IN_SECONDS)
    except Exception as error:  # the cache's client has no common base of its errors
        logger.warning("E-mails are not limited, the cache fails: %s", type(error).__name__)
        return True


def _send(message: EmailMessage) -> None:
    try:
        message.send()
    except Exception as error:  # any error of the mail backend; its text can contain the address
        logger.error("An e-mail could not be sent: %s", type(error).__name__)
