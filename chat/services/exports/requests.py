"""Exports requested by pages and programs: who may request them, how long they are kept, and downloading them."""

import shutil
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from django.core.files.storage import FileSystemStorage
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from chat import storage
from chat.access import access_room
from chat.models import CONVERSATIONS, Export, Membership, Participant, Room
from chat.protocol.errors import ChatError, Code, not_found
from chat.rules import scope_refusal, staff_refusal
from chat.services.exports.archive import export_note
from chat.services.exports.rows import Scope
from chat.services.files import SPARE_BYTES, arrivals, no_space

KEPT_FOR = timedelta(days=7)
# Exports kept per person; older ones expire when another is ready.
KEPT_MOST = 5
SHOWN = 50
ALL, PUBLIC, ROOM, PERSON = Export.Scope.ALL, Export.Scope.PUBLIC, Export.Scope.ROOM, Export.Scope.PERSON


def export_start(
    *,
    user: Participant,
    scope: str,
    room: str = "",
    person: str = "",
    since: datetime | None = None,
    files: bool = True,
    format_name: str = Export.Format.ARCHIVE,
) -> Export:
    """Request an export; a process of the cluster prepares it. `person`: for the scope `person`; empty means `user`.

    Raises:
        ChatError: `forbidden`, `not_found`, `invalid`, `conflict` while another one of this person is being prepared,
            `quota` for a full disk.
    """
    export = Export(by=user, scope=scope, since=since, files=files, format=format_name)
    if scope == ROOM:
        export.room = _room(user, room)
    elif scope == PERSON:
        export.person = _person(person) if person else user
    check_may(user, export)
    place = free_place()
    if place is not None and place < 2 * SPARE_BYTES:
        raise no_space()
    with transaction.atomic():
        # Serializes two concurrent requests of one person, so that the second sees the first.
        Participant.objects.select_for_update(no_key=True).get(pk=user.pk)
        if Export.objects.filter(by=user, state=Export.State.PREPARING).exists():
            raise ChatError(Code.CONFLICT, "Another export of yours is being prepared. Wait until it is ready.")
        export.save()
        export_note(actor=user, scope=scope_of(export), act="start", export=export.pk, format=format_name)
    return export


def check_may(user: Participant, export: Export) -> None:
    """Check that the person may have this export now.

    Raises:
        ChatError: `forbidden`, `not_found`.
    """
    if export.scope == PERSON and export.person is None:
        # The import that created the person was undone: without a person the export would hold everything.
        raise not_found("person")
    if export.scope == PERSON and export.person_id == user.pk:
        return
    if export.scope == ROOM and _owns(user, export.room):
        # Like every action of an owner: a token needs the scope for it.
        if problem := scope_refusal(may_moderate=user.may_moderate):
            raise problem
        return
    rights = {"staff": user.is_staff, "may_moderate": user.may_moderate}
    if export.scope == PUBLIC:
        if problem := staff_refusal("Only administrators may do that.", **rights):
            raise problem
        return
    if export.scope == ROOM and export.room and export.room.kind == Room.Kind.PUBLIC:
        if problem := staff_refusal("Only administrators and the owners of the room may export it.", **rights):
            raise problem
        return
    if export.scope == ROOM and (export.room is None or export.room.kind in CONVERSATIONS):
        raise not_found("room")
    # Everything else is content that people have not made public.
    rights |= {"staff": _has_all_rights(user)}
    if problem := staff_refusal("Only administrators with all rights may do that.", **rights):
        raise problem


def exports_of(user: Participant) -> QuerySet[Export]:
    """The person's exports, newest first."""
    return Export.objects.filter(by=user).select_related("by__user", "room", "person")[:SHOWN]


def export_download(*, user: Participant, number: int) -> Export:
    """A ready export, for the person who requested it. Writes an audit entry.

    Raises:
        ChatError: `not_found` for everyone else, `conflict` while it is being prepared, `forbidden` when the
            person may no longer have it.
    """
    export = Export.objects.filter(pk=number, by=user).select_related("by", "room", "person").first()
    if export is None:
        raise not_found("export")
    if export.state == Export.State.PREPARING:
        raise ChatError(Code.CONFLICT, "The export is being prepared. Try again when it is ready.")
    if export.state != Export.State.READY or (export.expires_at and export.expires_at <= timezone.now()):
        raise not_found("export")
    check_may(user, export)
    export_note(actor=user, scope=scope_of(export), act="download", export=export.pk, format=export.format)
    return export


def export_place(export: Export) -> str:
    """The path of its bytes in the storage."""
    return storage.place(export.key)


def export_name(export: Export) -> str:
    """The file name for the download."""
    what = export.room.slug if export.room else export.person.username if export.person else export.scope
    return f"backchannel-{what}-{export.created_at:%Y-%m-%d}.zip"


def scope_of(export: Export) -> Scope:
    """The export's scope as the writers take it."""
    return Scope(export.room, export.person, export.since, public=export.scope == PUBLIC)


def exports_to_end(now: datetime | None = None) -> QuerySet[Export]:
    """Ready exports that have expired or whose person is deactivated."""
    old = Q(expires_at__lte=now or timezone.now()) | Q(by__is_active=False)
    return Export.objects.filter(old, state=Export.State.READY)


def exports_end(exports: Iterable[Export]) -> None:
    """Delete the bytes, then mark the exports: after a crash between the two, the next sweep finds them again."""
    for export in exports:
        storage.delete(export.key, [storage.MAIN])
        export.state = Export.State.EXPIRED
        export.save(update_fields=["state"])


def free_place() -> int | None:
    """Free bytes where files are stored; None for S3."""
    found = storage.files()
    if not isinstance(found, FileSystemStorage):
        return None
    folder = Path(found.location)
    return shutil.disk_usage(folder if folder.exists() else arrivals()).free


def _room(user: Participant, slug: str) -> Room:
    found = Room.objects.exclude(kind__in=CONVERSATIONS).filter(slug=slug).first() if "\0" not in slug else None
    if found and _has_all_rights(user):
        return found
    return access_room(user=user, slug=slug).room


def _person(username: str) -> Participant:
    name = username.removeprefix("@")
    found = Participant.objects.filter(username__iexact=name).first() if "\0" not in name else None
    if found is None:
        raise not_found("person")
    return found


def _owns(user: Participant, room: Room | None) -> bool:
    owned = Membership.objects.filter(user=user, role=Membership.Role.OWNER)
    return room is not None and room.kind not in CONVERSATIONS and owned.filter(room=room).exists()


def _has_all_rights(user: Participant) -> bool:
    """Whether the account is a superuser; custom user models may lack `is_superuser`."""
    return user.is_staff and bool(getattr(user.user, "is_superuser", False))
