"""Sends e-mail in a thread of its own: the duration of a response must not reveal whether there was one to send."""

import hashlib
import logging
from concurrent.futures import ThreadPoolExecutor

from django.core.cache import cache
from django.core.mail import EmailMessage

logger = logging.getLogger(__name__)

# At most one e-mail to an address in this time, so that a stranger cannot flood a mailbox.
ONE_IN_SECONDS = 300

_postman = ThreadPoolExecutor(1, thread_name_prefix="mail")


def send_soon(message: EmailMessage) -> None:
    """Send an e-mail in the background."""
    _postman.submit(_send, message)


def wait(seconds: float | None = None) -> None:
    """Wait until all e-mails have been sent or have failed.

    Raises:
        TimeoutError: some are left after this number of seconds.
    """
    _postman.submit(lambda: None).result(seconds)


def may_write_to(address: str) -> bool:
    """Whether no e-mail was sent to this address a short time ago. The call counts as one."""
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
