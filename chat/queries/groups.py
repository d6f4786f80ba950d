"""Named groups of people."""

from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from chat.lib.prepared_queries import PreparedRows, numbers
from chat.models import Participant, PeopleGroup
from chat.protocol import events

GROUPS_MAX = 200


def groups_for(user: Participant) -> events.PeopleGroups:
    """Return all groups, each with its size and whether the person is in it. One query."""
    return events.PeopleGroups(
        groups=[
            events.PeopleGroupItem(handle=handle, title=title, people=size, mine=bool(mine))
            for handle, title, size, mine in _GROUPS.all(user.pk)
        ]
    )


def _groups(user_id: int) -> "QuerySet[Any, Any]":
    own = PeopleGroup.people.through.objects.filter(peoplegroup=OuterRef("pk"), participant=user_id)
    rows = PeopleGroup.objects.annotate(size=Count("people", filter=Q(people__is_active=True)), mine=Exists(own))
    return rows.values_list("handle", "title", "size", "mine")[:GROUPS_MAX]


_GROUPS = PreparedRows(_groups, numbers(0))
