"""Creating rooms and changing their title, topic and state."""

import re
from collections.abc import Callable

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from accounts.oneline import tidy
from accounts.signals import mark_access_changed
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
    """Create a public or private room, owned by its creator. Without a slug it is derived from the title.

    `pay` charges the caller's rate limit: it is called before anything is written, and raises when the limit is
    reached.

    Raises:
        ChatError: `conflict` when the slug is taken (compared without case), `invalid`, `forbidden` for a person who
            owns the greatest number of rooms already.
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
            # First, because it locks the person's row: two rooms that are created at once are counted one after the
            # other.
            mark_access_changed([creator.pk])
            _check_owned(creator)
            room = Room.objects.create(slug=slug, kind=kind, title=title, topic=topic)
            Membership.objects.create(room=room, user=creator, role=Membership.Role.OWNER)
    except IntegrityError:
        raise ChatError(Code.CONFLICT, "A room with that name already exists.", fields={"room": "is taken"}) from None
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
    """Change the values that are given. Moderators may set the topic; title and archiving are the owner's.

    Raises:
        ChatError: `not_found`, `forbidden`, `muted`, `invalid`.
    """
    title = None if title is None else _line("title", title, TITLE_MAX)
    topic = None if topic is None else _line("topic", topic, SHORT_TEXT_MAX)
    only_topic = title is None and archived is None
    action = Action.TOPIC if only_topic else Action.SETTINGS
    access = access_room(user=user, slug=room, action=action, lock=True, via_admin=via_admin)
    sentences = _apply(access, title=title, topic=topic, archived=archived)
    if sentences:
        found = access.room
        now = timezone.now()
        changes: list[tuple[SystemEvent, str]] = [("renamed", found.title), ("topic", found.topic)]
        lines = [
            system_line(found, user, sentences[event], now=now, event=event, username=user.username, to=to)
            for event, to in changes
            if event in sentences
        ]
        found.facts_rev = take_rev(found)
        found.save()
        act = AuditEntry.Action.TOPIC if list(sentences) == ["topic"] else AuditEntry.Action.ROOM
        audit(actor=user, action=act, room=room, facts=_facts(found))
        publish([(found, line) for line in lines] + [(found, facts_event(found))])
        if archived is not None:
            mark_access_changed(found.memberships.values_list("user_id", flat=True))
    return access.room


def direct_room_open(*, user: User, username: str) -> tuple[Room, User]:
    """The direct room of two people, created with the first message; returns it and the other person.

    Raises:
        ChatError: `not_found` when there is no such person.
    """
    room, other = direct_room(user=user, username=username)
    if room is None:
        slug = Room.direct_slug(user.pk, other.pk)
        try:
            room = _create_direct(slug, {user.pk, other.pk})
        except IntegrityError:
            # The other person opened the room at the same moment.
            room = Room.objects.get(slug=slug)
    return room, other


@transaction.atomic
def _create_direct(slug: str, people: set[int]) -> Room:
    room = Room.objects.create(slug=slug, kind=Room.Kind.DIRECT)
    Membership.objects.bulk_create(Membership(room=room, user_id=person) for person in people)
    mark_access_changed(people)
    return room


def _apply(access: Access, *, title: str | None, topic: str | None, archived: bool | None) -> dict[str, str]:
    """Set the values that differ; returns a sentence for each change, by its event."""
    room, name, sentences = access.room, access.user.username, {}
    if title is not None and title != room.title:
        room.title = title
        sentences["renamed"] = f"{name} renamed the room to {title}" if title else f"{name} removed the title"
    if topic is not None and topic != room.topic:
        room.topic = topic
        sentences["topic"] = f"{name} changed the topic to {topic}" if topic else f"{name} removed the topic"
    if archived is not None and archived != room.archived:
        room.archived = archived
        sentences["archived"] = f"{name} archived the room" if archived else f"{name} brought the room back"
    return sentences


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
