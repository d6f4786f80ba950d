"""Sends letters beside the request: the time an answer takes must not tell whether there was one to send."""

import hashlib
import logging
from concurrent.futures import ThreadPoolExecutor

from django.core.cache import cache
from django.core.mail import EmailMessage

logger = logging.getLogger(__name__)

# Of several wishes in this time one is enough: nobody's mailbox is to be filled by a stranger.
ONE_IN_SECONDS = 300

_postman = ThreadPoolExecutor(1, thread_name_prefix="mail")


def send_soon(letter: EmailMessage) -> None:
    _postman.submit(_send, letter)


def wait(seconds: float | None = None) -> None:
    """Until every letter so far has been sent, or could not be.

    Raises:
        TimeoutError: some are left after so many seconds.
    """
    _postman.submit(lambda: None).result(seconds)


def may_write_to(address: str) -> bool:
    """Has this address been left alone for long enough? Asking counts as writing."""
    key = f"mail:{hashlib.sha256(address.lower().encode()).hexdigest()}"
    try:
        return cache.add(key, 1, ONE_IN_SECONDS)
    except Exception as error:  # whatever the cache's client raises
        logger.warning("Letters are not counted, the cache fails: %s", type(error).__name__)
        return True


def _send(letter: EmailMessage) -> None:
    try:
        letter.send()
    except Exception as error:  # whatever the mail server's client raises; its words may hold the address
        logger.error("A letter could not be sent: %s", type(error).__name__)
