"""The text of each push in the device's language, and whether it is still worth sending."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from chat.formatting.tree import parse, plain
from chat.lib import web_push
from chat.lib.prepared_queries import PreparedMany, numbers
from chat.models import CONVERSATIONS, Attention, Message, Participant, PushDelivery, Room
from chat.queries.files import file_names_of
from chat.queries.readable import readable_by
from chat.reaching import CALLS, Reason, is_silent
from chat.services.notification_audience import silenced
from chat.services.push_rows import Due
from chat.services.push_sql import message_ids
from chat.services.reaction_pushes import ReactionNews, reaction_title

# Seconds for which a push service keeps a push for a device that is off: a notification, and one that closes it.
TTL_SECONDS = 12 * 3600
READ_TTL_SECONDS = 3600
BODY_CHARS = 120
# Safari withdraws the permission of pages whose pushes show nothing, so it gets none that only close a notification.
_ALWAYS_SHOWN = ("web.push.apple.com",)
_NEWS = str(PushDelivery.Kind.NOTIFICATION)
# Kinds whose text is the same for all devices with one language; kinds that a person requested; short-lived kinds.
_OF_ALL = frozenset({_NEWS, str(PushDelivery.Kind.READ)})
_ASKED = frozenset({str(PushDelivery.Kind.TEST), str(PushDelivery.Kind.REMINDER)})
_SHORT_LIVED = frozenset({str(PushDelivery.Kind.READ), str(PushDelivery.Kind.TEST)})
_URGENCY = {_NEWS: "normal", str(PushDelivery.Kind.REACTION): "normal", str(PushDelivery.Kind.READ): "low"}
_MESSAGES = PreparedMany(
    lambda pks: Message.objects.select_related("author", "room").filter(pk__in=pks, deleted_at=None), numbers
)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A push, ready to be encrypted and sent."""

    delivery_id: int
    subscription_id: int
    user_id: int
    endpoint: str
    recipient: web_push.Recipient
    private_key: str
    text: bytes
    ttl: int
    urgency: str
    topic: str | None
    created_at: datetime = field(compare=False)


class PushTexts:
    """Creates the texts of pushes with a constant number of queries."""

    def __init__(self, due: Sequence[Due]) -> None:
        self.due = due
        of_kind: defaultdict[str, list[Due]] = defaultdict(list)
        for one in due:
            of_kind[one.kind].append(one)
        news, reminders = of_kind[_NEWS], of_kind[PushDelivery.Kind.REMINDER]
        reactions = of_kind[PushDelivery.Kind.REACTION]
        self._messages = _messages({(one.room_id, one.seq) for one in [*news, *reminders, *reactions]})
        self._file_names = file_names_of(self._messages.values())
        self._readable = _readable(reminders)
        self._reactions = ReactionNews(reactions, self._messages)
        # Caches for a message that goes to many devices; titles by language.
        self._titles: dict[tuple[int, str], str] = {}
        self._excerpts: dict[int, str] = {}
        # Text and topic of pushes that are the same for many devices.
        self._made: dict[tuple[object, ...], tuple[bytes, str | None]] = {}

    def wanted(self, one: Due) -> bool:
        """Whether the push is still worth sending."""
        if one.kind == _NEWS:
            return one.unread and one.cleared_before_seq <= one.seq and (one.room_id, one.seq) in self._messages
        if one.kind == PushDelivery.Kind.READ:
            return _host(one.endpoint) not in _ALWAYS_SHOWN
        if one.kind == PushDelivery.Kind.REMINDER:
            return (one.room_id, one.seq) in self._messages and one.delivery_id in self._readable
        if one.kind == PushDelivery.Kind.REACTION:
            return bool(self._reactions.of(one))
        return one.kind == PushDelivery.Kind.TEST

    def outgoing(self, one: Due, private_key: str) -> Outgoing:
        """The push, to be signed with this key when it is sent. No query."""
        text, topic = self._text_and_topic(one)
        return Outgoing(
            delivery_id=one.delivery_id,
            subscription_id=one.subscription_id,
            user_id=one.user_id,
            endpoint=one.endpoint,
            recipient=web_push.Recipient(one.p256dh, one.auth),
            private_key=private_key,
            text=text,
            ttl=READ_TTL_SECONDS if one.kind in _SHORT_LIVED else TTL_SECONDS,
            urgency="high" if one.kind in _ASKED or one.reason in CALLS else _URGENCY[one.kind],
            topic=topic,
            created_at=one.created_at,
        )

    def _text_and_topic(self, one: Due) -> tuple[bytes, str | None]:
        silent = self._silent(one)
        # Pushes of other kinds are never shared.
        own = None if one.kind in _OF_ALL else one.delivery_id
        key = one.kind, one.room_id, one.seq, one.language, one.showing, one.short, silent, own
        if key not in self._made:
            with translation.override(one.language):
                text = web_push.payload(self._facts(one, silent=silent))
            self._made[key] = text, _topic(one)
        return self._made[key]

    def _facts(self, one: Due, *, silent: bool) -> dict[str, Any]:
        if one.kind == PushDelivery.Kind.TEST:
            url = reverse("chat:settings") + "#notifications"
            facts = {"title": _("Notifications work on this device."), "seq": 0, "url": url, "tag": "test"}
            return {"type": "notification", "room": "", **facts}
        if one.kind == PushDelivery.Kind.READ:
            return {"type": "read", "room": one.slug, "seq": one.seq}
        said = self._messages[one.room_id, one.seq]
        shown = one.showing or Attention.Shown.ALL
        url = f"{reverse('chat:room', args=[one.slug])}#m{one.seq}"
        common = {"type": "notification", "room": one.slug, "seq": one.seq, "url": url}
        if silent:
            common["silent"] = True
        if shown == Attention.Shown.ALL and not one.short:
            common["body"] = self._excerpt(said)
        if one.kind == PushDelivery.Kind.REMINDER:
            return common | self._reminder(said, shown)
        if one.kind == PushDelivery.Kind.REACTION:
            return common | self._reaction(one, shown)
        return common | {
            "title": self._title(said) if shown != Attention.Shown.NOTHING else _("New message"),
            "tag": f"room-{one.slug}",
            # Labels of the notification's buttons, in the device's language.
            "words": {"reply": _("Reply"), "read": _("Mark as read")},
        }

    def _silent(self, one: Due) -> bool:
        if one.sound is False:
            return True
        # The person requested the reminder: only the main sound switch silences it.
        if not one.silent or one.kind == PushDelivery.Kind.REMINDER:
            return False
        reason = Reason.REACTION if one.kind == PushDelivery.Kind.REACTION else Reason(one.reason or Reason.MENTION)
        return is_silent(reason, silenced(one.silent))

    def _reminder(self, said: Message, shown: str) -> dict[str, Any]:
        title = _("Reminder")
        if shown != Attention.Shown.NOTHING:
            title = _("Reminder: %(title)s") % {"title": self._title(said)}
        return {"title": title, "tag": f"reminder-{said.room.slug}-{said.seq}"}

    def _reaction(self, one: Due, shown: str) -> dict[str, Any]:
        new = self._reactions.of(one)
        title = _("New reaction")
        if shown != Attention.Shown.NOTHING:
            title = reaction_title(new)
        # A later push for the same message replaces it; the device detects that by the count.
        return {"title": title, "tag": f"reaction-{one.slug}-{one.seq}", "count": self._reactions.count(one)}

    def _title(self, said: Message) -> str:
        place = said.pk, translation.get_language()
        if place not in self._titles:
            self._titles[place] = title_of(said.room, said)
        return self._titles[place]

    def _excerpt(self, said: Message) -> str:
        if said.pk not in self._excerpts:
            self._excerpts[said.pk] = excerpt(said.text) or shortened(self._file_names.get(said.pk, ""))
        return self._excerpts[said.pk]


def _topic(one: Due) -> str | None:
    """The topic: a push replaces waiting ones with the same topic at the push service. By room or reacted message."""
    if one.kind in _ASKED:
        return None
    of = f"{one.slug} {one.seq}" if one.kind == PushDelivery.Kind.REACTION else one.slug
    return web_push.topic_of(of, settings.SECRET_KEY)


def title_of(room: Room, said: Message) -> str:
    """The author, and the room unless it is a conversation."""
    name = said.author.told_name
    if room.kind in CONVERSATIONS:
        return name
    return _("%(name)s in %(room)s") % {"name": name, "room": f"#{room.title or room.slug}"}


def excerpt(text: str) -> str:
    """The beginning of a text without formatting, as one line."""
    return shortened(" ".join(plain(parse(text, None)).split()))


def shortened(line: str) -> str:
    """The line, shortened to BODY_CHARS characters."""
    return line if len(line) <= BODY_CHARS else line[: BODY_CHARS - 1].rstrip() + "…"


def _messages(places: set[tuple[int | None, int]]) -> dict[tuple[int | None, int], Message]:
    if not places:
        return {}
    # By ids: that query is built only once, but one by pairs at each call.
    return {(row.room_id, row.seq): row for row in _MESSAGES.all(message_ids(places))}


def _readable(reminders: Sequence[Due]) -> set[int]:
    """The ids of reminders whose message the person may still read."""
    people = Participant.objects.in_bulk({one.user_id for one in reminders}) if reminders else {}
    found = set()
    for one in reminders:
        room = Room.objects.filter(
            readable_by(people[one.user_id]), pk=one.room_id or 0, cleared_before_seq__lte=one.seq
        )
        if room.exists():
            found.add(one.delivery_id)
    return found


def _host(endpoint: str) -> str:
    return endpoint.partition("://")[2].partition("/")[0]
