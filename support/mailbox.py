"""A mail server of our own: keeps what is sent to it, or refuses."""

import email
import email.policy
from collections.abc import Generator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from pytest_django.fixtures import Settings

from support.processes import free_port


class Mailbox:
    """Keeps mail that is sent to it, or refuses each recipient with `refusal`; if `only` is set, just those in it."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.sources: list[bytes] = []
        self.refusal = ""
        self.only: set[str] = set()

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if self.refusal and (not self.only or address in self.only):
            return self.refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)
        self.sources.append(envelope.content)
        return "250 OK"


@contextmanager
def mail_server(settings: Settings) -> Generator[Mailbox]:
    """A mail server; the settings point to it."""
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.CHAT_PUBLIC_URL, settings.CHAT_RESET_BY_EMAIL = "https://chat.example.org", True
    try:
        yield box
    finally:
        controller.stop()
