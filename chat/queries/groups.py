"""Groups of people that have a name together."""

from django.db.models import Count, Exists, OuterRef, Q

from chat.models import Participant, PeopleGroup
from chat.protocol import events

GROUPS_MAX = 200


def groups_for(user: Participant) -> events.PeopleGroups:
    """All groups, each with its size and whether the person is in it. One query."""
    own = PeopleGroup.people.through.objects.filter(peoplegroup=OuterRef("pk"), participant=user)
    rows = PeopleGroup.objects.annotate(size=Count("people", filter=Q(people__is_active=True)), mine=Exists(own))
    return events.PeopleGroups(
        groups=[
            events.PeopleGroupItem(handle=row.handle, title=row.title, people=row.size, mine=row.mine)
            for row in rows[:GROUPS_MAX]
        ]
    )
