"""Creating rooms and changing their title, topic and state."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from chat.access import access_room
from chat.lib.oneline import tidy
from chat.models import CONVERSATIONS, AuditEntry, Membership, Participant, Room, RoomBinding
from chat.protocol.errors import ChatError, Code
from chat.protocol.events import SystemEvent
from chat.protocol.fields import SHORT_TEXT_MAX, TITLE_MAX, line_problem, lines_of, one_emoji
from chat.queries.directory import direct_room, group_room
from chat.queries.history import facts_event
from chat.rules import Action
from chat.services.audit import audit
from chat.services.posting import system_line
from chat.services.publishing import publish, take_rev
from chat.services.slugs import address_take, free_slug, name_problem, slug_claim
from chat.signals import mark_access_changed

# Fields that `room_update` accepts.
FACTS = (
    *("title", "topic", "description", "kind", "archived", "posting", "pinning", "calling", "adding"),
    *("edit_history", "replies", "slow_seconds", "keep_days", "previews", "address", "emoji"),
)
# Kinds of rooms that people can create.
_KINDS = (Room.Kind.PUBLIC, Room.Kind.PRIVATE)
# Those of `FACTS` that grant a right.
_WHO = ("posting", "pinning", "calling", "adding")


def room_create(
    *,
    creator: Participant,
    slug: str = "",
    kind: str = Room.Kind.PUBLIC,
    title: str = "",
    topic: str = "",
    pay: Callable[[], None] = lambda: None,
) -> Room:
    """Create a public or private room, owned by its creator. Without a slug it is derived from the title.

    `pay` charges the caller's rate limit. It is called before anything is written, and raises when the limit is
    reached.

    Raises:
        ChatError: `conflict` when the slug is taken (compared case-insensitively), also as a former address of a room,
            `invalid`, `forbidden` for a person who owns the maximum number of rooms already.
    """
    if not slug:
        if not title.strip():
            raise _invalid("title", "give a title, or the address in `room`")
        slug = free_slug(title)
    if problem := name_problem(slug):
        raise _invalid("room", problem)
    title, topic = _line("title", title, TITLE_MAX), _line("topic", topic, SHORT_TEXT_MAX)
    if kind not in _KINDS:
        raise _invalid("kind", "must be public or private")
    pay()
    try:
        with transaction.atomic():
            # First, because it locks the person's row: concurrent creations are counted one after the other.
            mark_access_changed([creator.pk])
            _check_owned(creator)
            slug_claim(slug)
            room = Room.objects.create(slug=slug, kind=kind, title=title, topic=topic)
            Membership.objects.create(room=room, user=creator, role=Membership.Role.OWNER)
    except IntegrityError:
        raise ChatError(Code.CONFLICT, "A room with that name already exists.", fields={"room": "is taken"}) from None
    return room


@transaction.atomic
def room_update(
    *, user: Participant, room: str, via_admin: bool = False, pay: Callable[[], None] = lambda: None, **wanted: Any
) -> Room:
    """Change the given ones of `FACTS`. Moderators may set the topic; only owners may set the others.

    `pay` charges the caller's rate limit for an address that is new to the room; it raises when the limit is reached.

    Raises:
        ChatError: `not_found`, `forbidden`, `muted`, `invalid`, `conflict` when another room has the address.
    """
    wanted = {name: _checked(name, value) for name, value in wanted.items() if value is not None}
    action = Action.TOPIC if wanted.keys() <= {"topic"} else Action.SETTINGS
    access = access_room(user=user, slug=room, action=action, lock=True, via_admin=via_admin)
    found = access.room
    if "address" in wanted:
        wanted["address"] = address_take(found, wanted["address"], pay)
    changed = {name: value for name, value in wanted.items() if getattr(found, name) != value}
    if not changed:
        return found
    if "kind" in changed and RoomBinding.objects.filter(room=found).exists():
        raise ChatError(Code.FORBIDDEN, "This room belongs to something else on this site, which says who may read it.")
    if changed.get("archived") is False and found.delete_at:
        if found.is_going:
            raise ChatError(Code.FORBIDDEN, "This room is being deleted.")
        found.delete_at = None
    for name, value in changed.items():
        setattr(found, name, value)
    now = timezone.now()
    lines = [
        system_line(
            found, user, _sentence(user.username, event, to), now=now, event=event, username=user.username, to=to
        )
        for event, to in _told(changed)
    ]
    found.facts_rev = take_rev(found)
    if changed.get("edit_history") == Room.EditHistory.OFF:
        # A room may have a million versions; the sweep deletes them in small transactions.
        found.drop_versions_until = now
    found.save()
    act = AuditEntry.Action.TOPIC if changed.keys() == {"topic"} else AuditEntry.Action.ROOM
    audit(actor=user, action=act, room=room, facts=changed)
    publish([(found, line) for line in lines] + [(found, facts_event(found))])
    if changed.keys() & {"archived", "kind"}:
        mark_access_changed(found.memberships.values_list("user_id", flat=True))
    return found


def _told(changed: dict[str, Any]) -> Iterator[tuple[SystemEvent, str]]:
    """The changes that a system line reports: the event and the new text."""
    if "title" in changed:
        yield "renamed", changed["title"]
    if "topic" in changed:
        yield "topic", changed["topic"]
    if "kind" in changed:
        yield changed["kind"], changed["kind"]


def _sentence(name: str, event: SystemEvent, to: str) -> str:
    if event in ("public", "private"):
        return f"{name} made the room {event}"
    if event == "renamed":
        return f"{name} renamed the room to {to}" if to else f"{name} removed the title"
    return f"{name} changed the topic to {to}" if to else f"{name} removed the topic"


def direct_room_open(*, user: Participant, username: str) -> tuple[Room, Participant]:
    """The direct room of two people, created for its first message; returns it and the other person.

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


def group_room_open(*, user: Participant, usernames: Iterable[str]) -> tuple[Room, set[int]]:
    """The group conversation of the caller and these people, created for its first message; returns it and all its
    people's ids.

    Raises:
        ChatError: as `group_room`.
    """
    room, slug, people = group_room(user=user, usernames=usernames)
    if room is None:
        try:
            room = _create_direct(slug, people, kind=Room.Kind.GROUP)
        except IntegrityError:
            # Another of the people opened it at the same moment.
            room = Room.objects.get(slug=slug)
    return room, people


@transaction.atomic
def _create_direct(slug: str, people: set[int], *, kind: str = Room.Kind.DIRECT) -> Room:
    room = Room.objects.create(slug=slug, kind=kind)
    Membership.objects.bulk_create(Membership(room=room, user_id=person) for person in people)
    mark_access_changed(people)
    return room


def _checked(name: str, value: Any) -> Any:
    """The value of a fact in its stored form.

    Raises:
        ChatError: `invalid`.
    """
    if name in ("title", "topic"):
        return _line(name, value, TITLE_MAX if name == "title" else SHORT_TEXT_MAX)
    if name == "description":
        try:
            return lines_of(value)
        except ValueError as problem:
            raise _invalid(name, str(problem)) from None
    if name == "emoji":
        try:
            return value and one_emoji(value)
        except ValueError as problem:
            raise _invalid(name, str(problem)) from None
    if name == "kind" and value not in _KINDS:
        raise _invalid(name, "must be public or private")
    if name in _WHO and value not in ("everyone", "moderators"):
        raise _invalid(name, "must be everyone or moderators")
    if name == "edit_history" and value not in Room.EditHistory.values:
        raise _invalid(name, "must be off, moderators or members")
    if name == "replies" and value not in Room.Replies.values:
        raise _invalid(name, "must be room or thread")
    return value


def _line(field: str, text: str, max_length: int) -> str:
    line = tidy(text)
    if problem := line_problem(line, max_length):
        raise _invalid(field, problem)
    return line


def _check_owned(user: Participant) -> None:
    most = settings.CHAT_ROOMS_OWNED
    owned = Membership.objects.filter(user=user, role=Membership.Role.OWNER, room__archived=False)
    if most and owned.exclude(room__kind__in=CONVERSATIONS).count() >= most:
        raise ChatError(Code.FORBIDDEN, f"You own {most} rooms, as many as one person may. Archive one first.")


def _invalid(field: str, problem: str) -> ChatError:
    return ChatError(Code.INVALID, f"{field}: {problem}.", fields={field: problem})
