"""The sessions of a user."""

import logging
from datetime import timedelta

from allauth.usersessions.models import UserSession
from django.db import DatabaseError
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User

logger = logging.getLogger(__name__)

# Minimum time between two writes for one session, however many pages it opens.
SEEN_EVERY = timedelta(minutes=5)


def session_seen(request: HttpRequest) -> None:
    """Record that this session opened a page; adds sessions that are older than this feature."""
    key = request.session.session_key
    row = UserSession.objects.filter(session_key=key).first()
    if row is None or row.last_seen_at < timezone.now() - SEEN_EVERY:
        try:
            UserSession.objects.create_from_request(request)
        except DatabaseError as error:
            # Not worth refusing the page: the next one records it.
            logger.warning("A session's visit was not noted: %s", type(error).__name__)


def sessions_of(user: User) -> list[UserSession]:
    """The valid sessions, the most recently seen first."""
    found: list[UserSession] = UserSession.objects.purge_and_list(user)
    return sorted(found, key=lambda session: session.last_seen_at, reverse=True)


def session_end(*, user: User, session_id: int) -> bool:
    """End one session of the user, and the sockets that were opened with it; False when it does not exist."""
    session = UserSession.objects.filter(user=user, pk=session_id).first()
    if session is None:
        return False
    session.end()
    return True
