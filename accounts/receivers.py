"""Receivers for what the chat leaves to this app: recording sessions, invitations, e-mails before a stop."""

import logging
from typing import Any

from django.dispatch import receiver
from django.http import HttpRequest

from accounts import services, workspace
from accounts.models import User
from accounts.user_sessions import session_seen
from chat.lib import mail
from chat.signals import page_opened, server_stopped, settings_shown

logger = logging.getLogger(__name__)


@receiver(page_opened, dispatch_uid="accounts.page_opened")
def opened(*, request: HttpRequest, **_: Any) -> dict[str, Any]:
    """Record the session's visit; returns facts for the page, such as whether to offer invitations."""
    session_seen(request)
    user = request.user
    assert isinstance(user, User)
    chosen = workspace.workspace_of(request)
    allowed = workspace.signup(chosen)
    may = {"open": True, "closed": user.is_staff}.get(allowed, False) or services.may_invite(user, chosen)
    return {
        "signup": allowed,
        "may_invite": may,
        "workspace": workspace.workspace_name(chosen),
        "workspace_picture": workspace.workspace_picture(chosen),
        "first_steps": workspace.first_steps(user, chosen),
    }


@receiver(settings_shown, dispatch_uid="accounts.settings_shown")
def settings_parts(*, request: HttpRequest, **_: Any) -> dict[str, Any]:
    """The parts of the settings page about the account."""
    from accounts.settings import parts  # it imports the pages, which commands do not need

    return parts(request)


@receiver(server_stopped, dispatch_uid="accounts.server_stopped")
def stopped(*, seconds: float, **_: Any) -> None:
    """Send the queued e-mails."""
    try:
        mail.wait(seconds)
    except TimeoutError:
        logger.warning("E-mails were not sent: the mail server took too long for a stop.")
