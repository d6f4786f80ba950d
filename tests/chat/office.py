"""Actions of staff in the admin, and their audit entries."""

from typing import Any

import pytest
from django.test import Client

from chat.models import AuditEntry, Message, Participant, Room
from chat.services.posting import Draft, messages_post

Heard = list[dict[str, Any]]

committed = pytest.mark.django_db(transaction=True)


def say(user: Participant, where: Room, text: str) -> Message:
    [posted] = messages_post([Draft(user, where.slug, text)])
    assert not isinstance(posted, Exception)
    return Message.objects.get(room=where, seq=posted.seq)


def act(office: Client, page: str, action: str, *rows: Any, **answers: str) -> Any:
    """Select rows, choose the action, and answer its confirmation."""
    form = {"action": action, "_selected_action": [row.pk for row in rows]}
    asked = office.post(f"/admin/chat/{page}/", form)
    assert b'name="confirmed"' in asked.content
    return office.post(f"/admin/chat/{page}/", form | {"confirmed": "yes"} | answers, follow=True)


def record() -> list[tuple[str, str, str, str, str]]:
    rows = AuditEntry.objects.order_by("id")
    return list(rows.values_list("actor", "action", "room", "target", "reason"))
