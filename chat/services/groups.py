"""Groups of people with a common name, created and changed by administrators."""

import re

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from chat.lib.oneline import tidy
from chat.models import AuditEntry, Participant, PeopleGroup
from chat.models.groups import HANDLE_PATTERN
from chat.models.validators import validate_username
from chat.protocol.errors import ChatError, Code, not_found
from chat.protocol.fields import line_problem
from chat.queries.groups import GROUPS_MAX
from chat.rules import staff_refusal
from chat.services.audit import audit
from chat.signals import mark_access_changed

TITLE_MAX = 64


@transaction.atomic
def group_make(*, user: Participant, handle: str, title: str = "") -> PeopleGroup:
    """Create a group without people.

    Raises:
        ChatError: `forbidden` (administrators only, or too many), `invalid`, `conflict` when the name is taken.
    """
    _check(user)
    handle, title = handle.strip().removeprefix("@").lower(), tidy(title)
    if not _may_be_called(handle):
        raise ChatError(
            Code.INVALID, "Use 1 to 32 letters (a to z), digits, hyphens or dots.", fields={"handle": "is not allowed"}
        )
    if problem := line_problem(title, TITLE_MAX):
        raise ChatError(Code.INVALID, f"title: {problem}.", fields={"title": problem})
    taken = ChatError(Code.CONFLICT, "A person or a group is called that.", fields={"handle": "is taken"})
    if Participant.objects.filter(username__iexact=handle).exists():
        raise taken
    if PeopleGroup.objects.count() >= GROUPS_MAX:
        raise ChatError(Code.FORBIDDEN, f"There are {GROUPS_MAX} groups, as many as there may be.")
    try:
        with transaction.atomic():
            made = PeopleGroup.objects.create(handle=handle, title=title)
    except IntegrityError:
        raise taken from None
    audit(actor=user, action=AuditEntry.Action.GROUP, target=handle, act="made")
    return made


@transaction.atomic
def group_member(*, user: Participant, handle: str, username: str, on: bool) -> None:
    """Add a person to a group, or remove them.

    Raises:
        ChatError: `forbidden`, `not_found`.
    """
    _check(user)
    group, person = _named(handle), Participant.objects.filter(username__iexact=username.strip().removeprefix("@"))
    found = person.filter(is_active=True).first() if on else person.first()
    if found is None:
        raise not_found("person")
    (group.people.add if on else group.people.remove)(found)
    audit(actor=user, action=AuditEntry.Action.GROUP, target=found.username, group=handle, act="in" if on else "out")
    mark_access_changed([found.pk])


@transaction.atomic
def group_end(*, user: Participant, handle: str) -> None:
    """Delete a group. Messages that mentioned it still mention its people.

    Raises:
        ChatError: `forbidden`, `not_found`.
    """
    _check(user)
    _named(handle).delete()
    audit(actor=user, action=AuditEntry.Action.GROUP, target=handle, act="ended")


def _may_be_called(handle: str) -> bool:
    try:
        validate_username(handle)
    except ValidationError:
        return False
    return re.fullmatch(HANDLE_PATTERN, handle) is not None


def _named(handle: str) -> PeopleGroup:
    found = PeopleGroup.objects.filter(handle=handle.lower()).first()
    if found is None:
        raise not_found("group")
    return found


def _check(user: Participant) -> None:
    problem = staff_refusal("Only administrators may do that.", staff=user.is_staff, may_moderate=user.may_moderate)
    if problem:
        raise problem
