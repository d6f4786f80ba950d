"""What people publish about themselves or do about each other: status, presence, profile, blocks."""

from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django.db import transaction
from django.utils import timezone

from chat.lib.oneline import tidy
from chat.models import Block, Participant, Profile
from chat.models.namesakes import publish_names_changed
from chat.protocol import events
from chat.protocol.errors import ChatError, Code, not_found
from chat.protocol.fields import line_problem
from chat.queries.profiles import blocked_by, profile_of, status_event
from chat.services.notification_closing import blocked_close
from chat.services.publishing import tell_person

# Single-line fields of a profile, and their maximum lengths.
LINES = {"pronouns": 32, "title": 64, "about": 160, "phone": 32}
BLOCKS_MAX = 500


@transaction.atomic
def status_set(*, user: Participant, socket: str = "", **wanted: Any) -> Profile:
    """Change the given ones of `emoji`, `text`, `until` (a time, or None) and `presence`. A new emoji or text without
    `until` has no end. `socket`: the id of the socket that needs no event.

    Raises:
        ChatError: `invalid` if the end is not in the future.
    """
    profile = _locked(user)
    if {"emoji", "text"} & wanted.keys():
        profile.status_until = None
    if "emoji" in wanted:
        profile.status_emoji = wanted["emoji"] or ""
    if "text" in wanted:
        profile.status_text = wanted["text"] or ""
    if "until" in wanted:
        profile.status_until = _to_come(wanted["until"])
    if "presence" in wanted:
        profile.presence = wanted["presence"]
    if not (profile.status_emoji or profile.status_text):
        profile.status_until = None
    profile.save()
    _publish(user, profile, socket)
    return profile


@transaction.atomic
def profile_change(*, user: Participant, **wanted: str) -> Profile:
    """Change the given ones of `pronouns`, `title`, `about`, `phone` and `time_zone`.

    Raises:
        ChatError: `invalid`.
    """
    profile = _locked(user)
    for name, value in wanted.items():
        if name == "time_zone":
            if value and value not in available_timezones():
                raise _invalid(name, "is not a known time zone")
            profile.time_zone = value
            continue
        line = tidy(value)
        if problem := line_problem(line, LINES[name]):
            raise _invalid(name, problem)
        setattr(profile, name, line)
    profile.save()
    return profile


@transaction.atomic
def person_block(*, user: Participant, username: str, on: bool, socket: str = "") -> list[str]:
    """Block a person, or unblock them; returns the usernames that the caller blocks now.

    Raises:
        ChatError: `not_found`, `forbidden` (oneself, or too many).
    """
    # Locked, so that requests from two devices are counted one after the other.
    Participant.objects.select_for_update(no_key=True).get(pk=user.pk)
    other = Participant.objects.filter(username__iexact=username).first()
    if other is None:
        raise not_found("person")
    if other.pk == user.pk:
        raise ChatError(Code.FORBIDDEN, "You cannot do that to yourself.")
    if on:
        if Block.objects.filter(user=user).count() >= BLOCKS_MAX:
            raise ChatError(Code.FORBIDDEN, f"You block {BLOCKS_MAX} people, as many as one person may.")
        Block.objects.get_or_create(user=user, blocked=other)
        blocked_close(user=user, blocked=other)
    else:
        Block.objects.filter(user=user, blocked=other).delete()
    people = blocked_by(user)
    tell_person(user.pk, events.Blocks(people=people), but=socket)
    return people


def _locked(user: Participant) -> Profile:
    # The person's row, because the profile may not exist yet.
    Participant.objects.select_for_update(no_key=True).get(pk=user.pk)
    return profile_of(user)


def _publish(user: Participant, profile: Profile, socket: str) -> None:
    # Other clients learn of it like of a changed name.
    Participant.objects.filter(pk=user.pk).update(named_at=timezone.now())
    publish_names_changed([user.pk])
    tell_person(user.pk, status_event(profile), but=socket)


def _to_come(until: datetime | None) -> datetime | None:
    if until is not None and until <= timezone.now():
        raise _invalid("until", "must be a time to come")
    return until


def _invalid(field: str, problem: str) -> ChatError:
    return ChatError(Code.INVALID, f"{field}: {problem}.", fields={field: problem})
