"""The reader of a page."""

from collections.abc import Sequence
from typing import Any

from asgiref.sync import sync_to_async
from django.http import HttpRequest

from chat.identity.participants import participant_of
from chat.models import Participant
from chat.signals import page_opened


def reader(request: HttpRequest) -> Participant:
    """Return the participant who is signed in."""
    return participant_of(request.user)


async def areader(request: HttpRequest) -> Participant:
    """Like `reader`, for asynchronous views."""
    await request.auser()
    return await sync_to_async(reader)(request)


def opened(request: HttpRequest) -> dict[str, Any]:
    """Send `page_opened`, and return the facts that its receivers have for the page's scripts."""
    answers: Sequence[tuple[object, Any]] = page_opened.send(sender=None, request=request)
    return {name: fact for _, facts in answers if isinstance(facts, dict) for name, fact in facts.items()}
