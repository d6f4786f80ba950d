"""Pushes to a message's author about reactions, for authors who want them: queued in the reaction's transaction, and
decided when they are due."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from chat.models import Block, Membership, Message, PushDelivery, PushSubscription, Reaction, level_of
from chat.reaching import Place, Said, reach
from chat.services.notification_audience import people_of
from chat.services.push_rows import Due

# Meanwhile the person may remove the reaction, and others may add theirs.
PATIENCE = timedelta(seconds=8)


def reaction_push(reaction: Reaction, message: Message) -> None:
    """Queue a push to each of the author's devices, in this transaction. One query if the author wants none."""
    if reaction.user_id == message.author_id:
        return
    devices = PushSubscription.objects.filter(
        user=message.author_id, ended_at=None, user__attention__reactions=True
    ).values_list("pk", flat=True)
    now = timezone.now()
    PushDelivery.objects.bulk_create(
        [
            PushDelivery(
                subscription_id=device,
                kind=PushDelivery.Kind.REACTION,
                room_id=message.room_id,
                seq=message.seq,
                reaction=reaction.pk,
                created_at=now,
                due_at=now + PATIENCE,
            )
            for device in devices
        ]
    )


class ReactionNews:
    """The current content of these pushes: of several for one device and message, the last one covers all."""

    def __init__(self, due: Sequence[Due], messages: Mapping[tuple[int | None, int], Message]) -> None:
        """`messages`: those that still exist."""
        self._messages = messages
        self._rows: defaultdict[int, list[Reaction]] = defaultdict(list)
        self._last: dict[tuple[int, int | None, int], Due] = {}
        self._since: dict[tuple[int, int | None, int], int] = {}
        if not due:
            return
        for one in due:
            place = _place(one)
            self._last[place] = one
            self._since[place] = min(one.reaction or 0, self._since.get(place, one.reaction or 0))
        theirs = Reaction.objects.filter(message__in=[one.pk for one in messages.values()], author__isnull=False)
        for row in theirs.exclude(user=F("author")).select_related("user").order_by("id"):
            self._rows[row.message_id].append(row)
        users = {one.user_id for one in due}
        self._people = people_of(users, now=timezone.now())
        members = Membership.objects.filter(user__in=users, room__in={one.room_id for one in due})
        self._places = {
            (user_id, room_id): (Place(level=level_of(notify, loud), muted=muted), cleared)
            for user_id, room_id, notify, loud, muted, cleared in members.values_list(
                "user_id", "room_id", "notify", "loud", "muted", "room__cleared_before_seq"
            )
        }
        self._blocks = set(Block.objects.filter(user__in=users).values_list("user_id", "blocked_id"))

    def of(self, one: Due) -> list[Reaction]:
        """The reactions that this push reports, oldest first; empty: there is nothing to send."""
        place = _place(one)
        if self._last[place] is not one or not self._wanted(one):
            return []
        return [row for row in self._theirs(one) if row.pk >= self._since[place]]

    def count(self, one: Due) -> int:
        """The number of other people's reactions to the message."""
        return len(self._theirs(one))

    def _wanted(self, one: Due) -> bool:
        user_id = one.user_id
        place, cleared = self._places.get((user_id, one.room_id or 0), (None, 0))
        if place is None or cleared > one.seq:
            return False
        return reach(Said(reaction=True), place, self._people[user_id].wishes).now

    def _theirs(self, one: Due) -> list[Reaction]:
        said = self._messages.get((one.room_id, one.seq))
        rows = self._rows[said.pk] if said else []
        return [row for row in rows if (one.user_id, row.user_id) not in self._blocks]


def _place(one: Due) -> tuple[int, int | None, int]:
    return one.subscription_id, one.room_id, one.seq


def reaction_title(new: Sequence[Reaction]) -> str:
    """The title: who reacted."""
    newest = new[-1]
    name, others = newest.user.told_name, len({row.user_id for row in new} - {newest.user_id})
    if not others:
        return _("%(name)s reacted with %(emoji)s") % {"name": name, "emoji": newest.emoji}
    sentence = ngettext("%(name)s and %(n)d other reacted", "%(name)s and %(n)d others reacted", others)
    return sentence % {"name": name, "n": others}
