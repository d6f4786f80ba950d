"""People's profiles, and whom they block."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone

from chat.lib.prepared_queries import PreparedManyLists, PreparedRows, numbers
from chat.models import (
    Block,
    Connection,
    KeptDraft,
    Membership,
    Participant,
    Profile,
    Room,
    SavedMessage,
    ScheduledMessage,
)
from chat.protocol import events

COMMON_ROOMS = 3


def profile_of(user: Participant) -> Profile:
    """Return the profile of the person, or an empty, unsaved one. One query."""
    return Profile.objects.filter(user=user).first() or Profile(user=user)


def picture_address(key: str) -> str:
    """Return the address of a picture, as clients are sent it; "" without one."""
    return f"/pictures/{key}" if key else ""


def picture_of(user: Participant) -> str:
    """Return the key of the person's picture; "" without one. The profile must be loaded with the person."""
    try:
        return user.profile.picture
    except Profile.DoesNotExist:
        return ""


def status_of(profile: Profile) -> events.Status | None:
    """Return the status that others see; None without one, or after its end."""
    until = profile.status_until
    if not (profile.status_emoji or profile.status_text) or (until and until <= timezone.now()):
        return None
    return events.Status(
        emoji=profile.status_emoji, text=profile.status_text, until=events.stamp(until) if until else None
    )


def own_facts(user_id: int) -> dict[str, Any]:
    """Return the person's own status, presence and blocks, whether they have drafts and scheduled messages, and the
    number of saved messages, as in the `authenticated` event. One query."""
    return own_facts_of([user_id])[user_id]


def own_facts_of(user_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return `own_facts` of these people, by id. One query per 64."""
    wanted = list(user_ids)
    rows: dict[int, list[tuple[Any, ...]]] = {user_id: [] for user_id in wanted}
    for user_id, *row in _OWN.all(wanted):
        rows[user_id].append(tuple(row))
    return {user_id: _facts(found) for user_id, found in rows.items()}


def _facts(rows: list[tuple[Any, ...]]) -> dict[str, Any]:
    presence, emoji, text, until, saved, drafts, scheduled, _ = rows[0] if rows else (None,) * 8
    profile = Profile(status_emoji=emoji or "", status_text=text or "", status_until=until)
    return {
        "status": status_of(profile),
        "presence": presence or Profile.Presence.AUTO.value,
        "blocked": [row[7] for row in rows if row[7]],
        "drafts": bool(drafts),
        "scheduled": bool(scheduled),
        "saved": saved or 0,
    }


def _own(user_ids: list[int]) -> QuerySet[Any, Any]:
    # One row for each block, at least one.
    names = ("presence", "status_emoji", "status_text", "status_until")
    saved = SavedMessage.objects.filter(user=OuterRef("pk"), done_at=None).order_by().values("user")
    counted = Subquery(saved.annotate(number=Count("pk")).values("number"))
    person = Participant.objects.filter(pk__in=user_ids).annotate(saved=counted).order_by("pk", "blocks__id")
    drafts = Exists(KeptDraft.objects.filter(user=OuterRef("pk")).exclude(text=""))
    scheduled = Exists(ScheduledMessage.objects.filter(user=OuterRef("pk")))
    profile = [f"profile__{name}" for name in names]
    return person.values_list("pk", *profile, "saved", drafts, scheduled, "blocks__blocked__username")


_OWN = PreparedManyLists(_own, numbers)


def status_event(profile: Profile) -> events.StatusChanged:
    """Return the event with the person's own status."""
    status = status_of(profile) or events.Status(emoji="", text="", until=None)
    return events.StatusChanged(**status.model_dump(), presence=profile.presence)


# The people who are `away` or `busy`, connected or not, by a partial index.
CHOSEN = PreparedRows(lambda: Profile.objects.exclude(presence="auto").values_list("user_id", "presence"))


def blocked_by(user: Participant) -> list[str]:
    """Return the usernames of the people whom this person blocks. One query."""
    return list(Block.objects.filter(user=user).order_by("id").values_list("blocked__username", flat=True))


def card_of(reader: Participant, person: Participant) -> events.Card:
    """Return the card of a person as `reader` sees it. Four queries for any number of rooms."""
    profile = profile_of(person)
    mine = Membership.objects.filter(user=reader).values("room")
    rooms = Room.objects.filter(memberships__user=person, pk__in=mine, archived=False).exclude(
        kind__in=[Room.Kind.DIRECT, Room.Kind.GROUP]
    )
    common = list(rooms.order_by("slug").values_list("slug", "title")[:COMMON_ROOMS])
    online = person.is_active and Connection.objects.live().filter(user=person).exists()
    shown = profile.presence if profile.presence != Profile.Presence.AUTO else "online"
    return events.Card(
        username=person.username,
        display_name=person.shown_name,
        show_username=person.name_shared,
        user_id=person.pk,
        active=person.is_active,
        staff=person.is_staff,
        pronouns=profile.pronouns,
        title=profile.title,
        about=profile.about,
        time_zone=profile.time_zone,
        phone=profile.phone,
        status=status_of(profile),
        presence=shown if online else "offline",
        picture=picture_address(profile.picture),
        rooms=[events.CommonRoom(room=slug, title=title or slug) for slug, title in common],
        blocked=Block.objects.filter(user=reader, blocked=person).exists(),
    )
