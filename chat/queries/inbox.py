"""A person's inbox over all their rooms: messages that mention them, and reactions to their messages."""

from typing import Any

from django.db.models import F, QuerySet

from chat.models import Membership, Mention, Message, Participant, Reaction
from chat.protocol import events
from chat.protocol.commands import InboxKind
from chat.queries.message_states import message_rows, states_of

PAGE = 30


def inbox(user: Participant, *, kind: InboxKind, before: int | None = None, limit: int | None = None) -> events.Inbox:
    """Return a page of the inbox: visible items in the person's rooms, without their own mentions and reactions.
    `before`: the `id` of the last item of the page before. Six queries at most."""
    limit = limit or PAGE
    rows = _mentions(user) if kind == "mentions" else _reactions(user)
    rows = rows.filter(message__room__in=Membership.objects.filter(user=user).values("room"))
    rows = rows.filter(message__deleted_at=None, message__seq__gte=F("message__room__cleared_before_seq"))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-id").values("id", "message_id", "room_title", **_VALUES[kind])[: limit + 1])
    shown = found[:limit]
    states = _states([row["message_id"] for row in shown])
    return events.Inbox(
        kind=kind,
        items=[
            events.InboxItem(
                id=row["id"],
                title=row["room_title"],
                message=states[row["message_id"]],
                by=row.get("by", ""),
                emoji=row.get("sign", ""),
            )
            for row in shown
            if row["message_id"] in states
        ],
        has_older=len(found) > limit,
    )


_VALUES: dict[str, dict[str, Any]] = {"mentions": {}, "reactions": {"by": F("user__username"), "sign": F("emoji")}}


def _mentions(user: Participant) -> QuerySet[Any]:
    rows = Mention.objects.filter(user=user).exclude(message__author=user)
    return rows.annotate(room_title=F("room__title"))


def _reactions(user: Participant) -> QuerySet[Any]:
    rows = Reaction.objects.filter(author=user).exclude(user=user)
    return rows.annotate(room_title=F("message__room__title"))


def _states(message_ids: list[int]) -> dict[int, events.Message]:
    if not message_ids:
        return {}
    rows = message_rows(Message.objects.filter(pk__in=message_ids))
    return dict(zip([row.id for row in rows], states_of(rows), strict=True))
