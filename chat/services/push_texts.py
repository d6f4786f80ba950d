"""What each push says, in the language of its device, and whether there is still something to say."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from chat.formatting.tree import parse, plain
from chat.lib import web_push
from chat.models import CONVERSATIONS, Attention, Membership, Message, Preferences, PushDelivery, Room
from chat.queries.files import file_names_of
from chat.queries.readable import readable_by
from chat.reaching import CALLS, Reason, is_silent
from chat.services.notification_audience import silenced
from chat.services.reaction_pushes import ReactionNews, reaction_title

# Seconds for which a push service keeps a notification for a device that is off, and one that closes it.
TTL_SECONDS = 12 * 3600
READ_TTL_SECONDS = 3600
BODY_CHARS = 120
# Safari withdraws the permission of a page whose pushes show nothing: it is sent none that close a notification.
_ALWAYS_SHOWN = ("web.push.apple.com",)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A push, ready to be encrypted and sent."""

    delivery_id: int
    subscription_id: int
    endpoint: str
    recipient: web_push.Recipient
    private_key: str
    text: bytes
    ttl: int
    urgency: str
    topic: str | None
    created_at: datetime = field(compare=False)


class PushTexts:
    """Writes the texts of pushes, with a constant number of queries."""

    def __init__(self, due: list[PushDelivery]) -> None:
        of_kind: defaultdict[str, list[PushDelivery]] = defaultdict(list)
        for one in due:
            of_kind[one.kind].append(one)
        news, reminders = of_kind[PushDelivery.Kind.NOTIFICATION], of_kind[PushDelivery.Kind.REMINDER]
        reactions = of_kind[PushDelivery.Kind.REACTION]
        self._messages = _messages({(one.room_id, one.seq) for one in [*news, *reminders, *reactions]})
        self._file_names = file_names_of(self._messages.values())
        people = {one.subscription.user_id for one in due}
        self._attention = {one.user_id: one for one in Attention.objects.filter(user__in=people)}
        self._soundless = set(Preferences.objects.filter(user__in=people, sound=False).values_list("user", flat=True))
        self._unread = _unread(news)
        self._readable = _readable(reminders)
        self._reactions = ReactionNews(reactions, self._messages)
        # Of a message that goes to many devices, by language.
        self._titles: dict[tuple[int, str], str] = {}
        self._excerpts: dict[int, str] = {}

    def wanted(self, one: PushDelivery) -> bool:
        """Whether there is still something to say."""
        if one.kind == PushDelivery.Kind.READ:
            return _host(one.subscription.endpoint) not in _ALWAYS_SHOWN
        if one.kind == PushDelivery.Kind.REMINDER:
            return (one.room_id, one.seq) in self._messages and one.pk in self._readable
        if one.kind == PushDelivery.Kind.REACTION:
            return bool(self._reactions.of(one))
        return one.kind == PushDelivery.Kind.TEST or (
            (one.room_id, one.seq) in self._messages and one.pk in self._unread
        )

    def outgoing(self, one: PushDelivery, private_key: str) -> Outgoing:
        """The push, signed with this key when it is sent."""
        device, news = one.subscription, one.kind == PushDelivery.Kind.NOTIFICATION
        asked = one.kind in (PushDelivery.Kind.TEST, PushDelivery.Kind.REMINDER)
        with translation.override(device.language):
            facts = self._facts(one)
        urgent = news and one.notification is not None and one.notification.reason in CALLS
        return Outgoing(
            delivery_id=one.pk,
            subscription_id=device.pk,
            endpoint=device.endpoint,
            recipient=web_push.Recipient(device.p256dh, device.auth),
            private_key=private_key,
            text=web_push.payload(facts),
            ttl=READ_TTL_SECONDS if one.kind in (PushDelivery.Kind.READ, PushDelivery.Kind.TEST) else TTL_SECONDS,
            urgency="high"
            if urgent or asked
            else "normal"
            if news or one.kind == PushDelivery.Kind.REACTION
            else "low",
            topic=_topic(one) if one.room and not asked else None,
            created_at=one.created_at,
        )

    def _facts(self, one: PushDelivery) -> dict[str, Any]:
        if one.kind == PushDelivery.Kind.TEST:
            url = reverse("chat:settings") + "#notifications"
            facts = {"title": _("Notifications work on this device."), "seq": 0, "url": url, "tag": "test"}
            return {"type": "notification", "room": "", **facts}
        assert one.room
        if one.kind == PushDelivery.Kind.READ:
            return {"type": "read", "room": one.room.slug, "seq": one.seq}
        said = self._messages[one.room_id, one.seq]
        attention = self._attention.get(one.subscription.user_id)
        shown = attention.shown if attention else Attention.Shown.ALL
        url = f"{reverse('chat:room', args=[one.room.slug])}#m{one.seq}"
        common = {"type": "notification", "room": one.room.slug, "seq": one.seq, "url": url}
        if self._silent(one, attention):
            common["silent"] = True
        if shown == Attention.Shown.ALL and not one.short:
            common["body"] = self._excerpt(said)
        if one.kind == PushDelivery.Kind.REMINDER:
            return common | self._reminder(one.room, said, shown)
        if one.kind == PushDelivery.Kind.REACTION:
            return common | self._reaction(one, one.room, shown)
        return common | {
            "title": self._title(one.room, said) if shown != Attention.Shown.NOTHING else _("New message"),
            "tag": f"room-{one.room.slug}",
            # The buttons of the notification, in the language of the device.
            "words": {"reply": _("Reply"), "read": _("Mark as read")},
        }

    def _silent(self, one: PushDelivery, attention: Attention | None) -> bool:
        if one.subscription.user_id in self._soundless:
            return True
        reason = Reason.REACTION if one.kind == PushDelivery.Kind.REACTION else Reason.MENTION
        if one.notification:
            reason = Reason(one.notification.reason)
        # A reminder was asked for: nothing but the switch for all makes it silent.
        heeded = one.kind != PushDelivery.Kind.REMINDER
        return heeded and attention is not None and is_silent(reason, silenced(attention))

    def _reminder(self, room: Room, said: Message, shown: str) -> dict[str, Any]:
        title = _("Reminder")
        if shown != Attention.Shown.NOTHING:
            title = _("Reminder: %(title)s") % {"title": self._title(room, said)}
        return {"title": title, "tag": f"reminder-{room.slug}-{said.seq}"}

    def _reaction(self, one: PushDelivery, room: Room, shown: str) -> dict[str, Any]:
        new = self._reactions.of(one)
        title = _("New reaction")
        if shown != Attention.Shown.NOTHING:
            title = reaction_title(new)
        # A later one of the same message replaces it, which the device sees by the number.
        return {"title": title, "tag": f"reaction-{room.slug}-{one.seq}", "count": self._reactions.count(one)}

    def _title(self, room: Room, said: Message) -> str:
        place = said.pk, translation.get_language()
        if place not in self._titles:
            self._titles[place] = title_of(room, said)
        return self._titles[place]

    def _excerpt(self, said: Message) -> str:
        if said.pk not in self._excerpts:
            self._excerpts[said.pk] = excerpt(said.text) or shortened(self._file_names.get(said.pk, ""))
        return self._excerpts[said.pk]


def _topic(one: PushDelivery) -> str:
    """What has one topic replaces what waits at the push service under it: of a room, of reactions to a message."""
    assert one.room
    of = f"{one.room.slug} {one.seq}" if one.kind == PushDelivery.Kind.REACTION else one.room.slug
    return web_push.topic_of(of, settings.SECRET_KEY)


def title_of(room: Room, said: Message) -> str:
    """Who wrote it, and where."""
    name = said.author.told_name
    if room.kind in CONVERSATIONS:
        return name
    return _("%(name)s in %(room)s") % {"name": name, "room": f"#{room.title or room.slug}"}


def excerpt(text: str) -> str:
    """The beginning of a text without its marks, in one line."""
    return shortened(" ".join(plain(parse(text, None)).split()))


def shortened(line: str) -> str:
    """The beginning of a line."""
    return line if len(line) <= BODY_CHARS else line[: BODY_CHARS - 1].rstrip() + "…"


def _messages(places: set[tuple[int | None, int]]) -> dict[tuple[int | None, int], Message]:
    if not places:
        return {}
    wanted = reduce(or_, (Q(room_id=room_id, seq=seq) for room_id, seq in places))
    rows = Message.objects.filter(wanted, deleted_at=None).select_related("author")
    return {(row.room_id, row.seq): row for row in rows}


def _unread(news: list[PushDelivery]) -> set[int]:
    """The deliveries whose message its reader still has to read."""
    if not news:
        return set()
    members = Membership.objects.filter(
        user__in={one.subscription.user_id for one in news}, room__in={one.room_id for one in news}
    ).values_list("user_id", "room_id", "read_seq", "room__cleared_before_seq")
    marks = {(user_id, room_id): (read, cleared) for user_id, room_id, read, cleared in members}
    found = set()
    for one in news:
        read, cleared = marks.get((one.subscription.user_id, one.room_id or 0), (one.seq, 0))
        if read < one.seq and cleared <= one.seq:
            found.add(one.pk)
    return found


def _readable(reminders: list[PushDelivery]) -> set[int]:
    """The reminders whose message the person may still read."""
    found = set()
    for one in reminders:
        room = Room.objects.filter(
            readable_by(one.subscription.user), pk=one.room_id or 0, cleared_before_seq__lte=one.seq
        )
        if room.exists():
            found.add(one.pk)
    return found


def _host(endpoint: str) -> str:
    return endpoint.partition("://")[2].partition("/")[0]
