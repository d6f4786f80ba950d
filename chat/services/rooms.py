"""Making rooms and changing their own facts."""

import re
from collections.abc import Callable

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access import access_changed
from accounts.models import User
from accounts.oneline import tidy
from chat.access import Access, access_room
from chat.models import DIRECT_PREFIX, SLUG_PATTERN, AuditEntry, Membership, Room
from chat.protocol.errors import ChatError, Code
from chat.protocol.events import SystemEvent
from chat.protocol.fields import SHORT_TEXT_MAX, TITLE_MAX, line_problem
from chat.queries.directory import direct_room
from chat.queries.history import facts_event
from chat.rules import Action
from chat.services.audit import audit
from chat.services.posting import system_line
from chat.services.publishing import publish, take_rev
from chat.services.slugs import free_slug


def room_create(
    *,
    creator: User,
    slug: str = "",
    kind: str = Room.Kind.PUBLIC,
    title: str = "",
    topic: str = "",
    pay: Callable[[], None] = lambda: None,
) -> Room:
    """Make a public or private room; the creator is its owner. Without a slug it is made from the title.

    `pay` is called before anything is written, and raises what stands against it.

    Raises:
        ChatError: `conflict` when the slug is taken (in any spelling of its letters), `invalid`, `forbidden` for
            one who owns as many rooms as anybody may.
    """
    if not slug:
        if not title.strip():
            raise _invalid("title", "give a title, or the address in `room`")
        slug = free_slug(title)
    if not re.fullmatch(SLUG_PATTERN, slug):
        raise _invalid("room", "use 1 to 64 letters, digits, hyphens or underscores")
    if slug.lower().startswith(DIRECT_PREFIX):
        raise _invalid("room", f"names that start with {DIRECT_PREFIX} are kept for direct messages")
    title, topic = _line("title", title, TITLE_MAX), _line("topic", topic, SHORT_TEXT_MAX)
    if kind not in {Room.Kind.PUBLIC, Room.Kind.PRIVATE}:
        raise _invalid("kind", "must be public or private")
    pay()
    try:
        with transaction.atomic():
            # First, for it holds the person's row: two rooms made at once are counted one after the other.
            access_changed([creator.pk])
            _check_owned(creator)
            room = Room.objects.create(slug=slug, kind=kind, title=title, topic=topic)
            Membership.objects.create(room=room, user=creator, role=Membership.Role.OWNER)
    except IntegrityError:
        raise ChatError(Code.CONFLICT, "A room of that name is there already.", fields={"room": "is taken"}) from None
    return room


@transaction.atomic
def room_update(
    *,
    user: User,
    room: str,
    title: str | None = None,
    topic: str | None = None,
    archived: bool | None = None,
    via_admin: bool = False,
) -> Room:
    """Change what is given. A topic is a moderator's to set; title and archiving are the owner's.

    Raises:
        ChatError: `not_found`, `forbidden`, `muted`, `invalid`.
    """
    title = None if title is None else _line("title", title, TITLE_MAX)
    topic = None if topic is None else _line("topic", topic, SHORT_TEXT_MAX)
    only_topic = title is None and archived is None
    action = Action.TOPIC if only_topic else Action.SETTINGS
    access = access_room(user=user, slug=room, action=action, lock=True, via_admin=via_admin)
    told = _apply(access, title=title, topic=topic, archived=archived)
    if told:
        found = access.room
        now = timezone.now()
        changes: list[tuple[SystemEvent, str]] = [("renamed", found.title), ("topic", found.topic)]
        lines = [
            system_line(found, user, told[event], now=now, event=event, username=user.username, to=to)
            for event, to in changes
            if event in told
        ]
        found.facts_rev = take_rev(found)
        found.save()
        act = AuditEntry.Action.TOPIC if list(told) == ["topic"] else AuditEntry.Action.ROOM
        audit(actor=user, action=act, room=room, facts=_facts(found))
        publish([(found, line) for line in lines] + [(found, facts_event(found))])
        if archived is not None:
            access_changed(found.memberships.values_list("user_id", flat=True))
    return access.room


def direct_room_open(*, user: User, username: str) -> tuple[Room, User]:
    """The one room of two people, made at the first message; returns it and the other person.

    Raises:
        ChatError: `not_found` when there is no such person.
    """
    room, other = direct_room(user=user, username=username)
    if room is None:
        slug = Room.direct_slug(user.pk, other.pk)
        try:
            room = _create_direct(slug, {user.pk, other.pk})
        except IntegrityError:
            # Both wrote their first message at the same moment.
            room = Room.objects.get(slug=slug)
    return room, other


@transaction.atomic
def _create_direct(slug: str, people: set[int]) -> Room:
    room = Room.objects.create(slug=slug, kind=Room.Kind.DIRECT)
    Membership.objects.bulk_create(Membership(room=room, user_id=person) for person in people)
    access_changed(people)
    return room


def _apply(access: Access, *, title: str | None, topic: str | None, archived: bool | None) -> dict[str, str]:
    """Set what differs; returns a sentence for each thing that changed."""
    room, name, told = access.room, access.user.username, {}
    if title is not None and title != room.title:
        room.title = title
        told["renamed"] = f"{name} renamed the room to {title}" if title else f"{name} took the title away"
    if topic is not None and topic != room.topic:
        room.topic = topic
        told["topic"] = f"{name} changed the topic to {topic}" if topic else f"{name} took the topic away"
    if archived is not None and archived != room.archived:
        room.archived = archived
        told["archived"] = f"{name} archived the room" if archived else f"{name} brought the room back"
    return told


def _line(field: str, text: str, max_length: int) -> str:
    line = tidy(text)
    if problem := line_problem(line, max_length):
        raise _invalid(field, problem)
    return line


def _facts(room: Room) -> dict[str, str | bool]:
    return {"title": room.title, "topic": room.topic, "archived": room.archived}


def _check_owned(user: User) -> None:
    most = settings.CHAT_ROOMS_OWNED
    owned = Membership.objects.filter(user=user, role=Membership.Role.OWNER, room__archived=False)
    if most and owned.exclude(room__kind=Room.Kind.DIRECT).count() >= most:
        raise ChatError(Code.FORBIDDEN, f"You own {most} rooms, as many as one person may. Archive one first.")


def _invalid(field: str, problem: str) -> ChatError:
    return ChatError(Code.INVALID, f"{field}: {problem}.", fields={field: problem})
