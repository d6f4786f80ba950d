"""Pictures of people and rooms: squares made from an ordinary uploaded picture."""

import tempfile
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from chat import storage
from chat.access import access_room, access_upload
from chat.media.pictures import SQUARES
from chat.media.process import workers
from chat.media.refused import Refused
from chat.models import AuditEntry, File, Participant, Profile, Room
from chat.models.namesakes import publish_names_changed
from chat.protocol.errors import ChatError, Code, not_found
from chat.queries.history import facts_event
from chat.queries.profiles import profile_of
from chat.rules import Action
from chat.services.audit import audit
from chat.services.file_taking import invalid_files
from chat.services.files import arrivals, file_discard, storage_away
from chat.services.publishing import publish, take_rev


def person_picture_set(*, user: Participant, key: str) -> None:
    """Make an uploaded picture the person's own. Afterwards no message can take the file.

    Raises:
        ChatError: `not_found`, `invalid` (not a picture, or it has not arrived), `unsupported`, `unavailable`.
    """
    file = _square(user, key)
    with transaction.atomic():
        _keep(file)
        _of_person(user, file.key)


@transaction.atomic
def person_picture_remove(*, user: Participant) -> None:
    """Remove the person's picture, if there is one."""
    _of_person(user, "")


def room_picture_set(*, user: Participant, room: str, key: str) -> None:
    """Make an uploaded picture the room's picture. For the room's owners.

    Raises:
        ChatError: as `person_picture_set`, and `forbidden`.
    """
    access_room(user=user, slug=room, action=Action.SETTINGS)
    file = _square(user, key)
    with transaction.atomic():
        found = access_room(user=user, slug=room, action=Action.SETTINGS, lock=True).room
        _keep(file, found)
        _of_room(user, found, file.key)


@transaction.atomic
def room_picture_remove(*, user: Participant, room: str) -> None:
    """Remove the room's picture. For the room's owners.

    Raises:
        ChatError: `not_found`, `forbidden`.
    """
    found = access_room(user=user, slug=room, action=Action.SETTINGS, lock=True).room
    if found.picture:
        _of_room(user, found, "")


def site_picture_keep(*, user: Participant, key: str) -> str:
    """Keep squares of an uploaded picture that everyone can see, for the project around the chat; returns its file's
    key, which `picture_give_up` takes.

    Raises:
        ChatError: as `person_picture_set`.
    """
    file = _square(user, key)
    _keep(file)
    return file.key


def _of_person(user: Participant, key: str) -> None:
    # The person's row, because the profile may not exist yet.
    Participant.objects.select_for_update(no_key=True).get(pk=user.pk)
    profile = profile_of(user)
    if profile.picture == key:
        return
    picture_give_up(profile.picture)
    Profile.objects.update_or_create(user=user, defaults={"picture": key})
    # Other clients learn of it like of a changed name.
    Participant.objects.filter(pk=user.pk).update(named_at=timezone.now())
    publish_names_changed([user.pk])


def _of_room(user: Participant, room: Room, key: str) -> None:
    picture_give_up(room.picture)
    room.picture = key
    room.facts_rev = take_rev(room)
    room.save()
    audit(actor=user, action=AuditEntry.Action.ROOM, room=room.slug, facts={"picture": bool(key)})
    publish([(room, facts_event(room))])


def picture_give_up(key: str) -> None:
    """Release a kept picture, if there is one: the sweep deletes its bytes."""
    if key:
        File.objects.filter(key=key, kept=True).update(state=File.State.GONE, kept=False)


def _keep(file: File, room: Room | None = None) -> None:
    ready = File.objects.filter(pk=file.pk, message=None, state=File.State.READY, kept=False)
    if not ready.update(kept=True, room=room, thumbs=file.thumbs, size=file.size):
        raise not_found("file")


def _square(user: Participant, key: str) -> File:
    """Store the squares next to the file, and delete the file's other parts."""
    file = access_upload(user=user, key=key)
    if file.state != File.State.READY or file.kept or not file.thumbs or not file.media_type.startswith("image/"):
        raise invalid_files("is no picture that has arrived", "Choose a picture: JPEG, PNG, WebP, GIF, AVIF or HEIC.")
    sides = file.thumbs.split()
    size = 0
    try:
        with tempfile.TemporaryDirectory(dir=arrivals()) as folder:
            source = Path(folder, "source")
            fetch(storage.place(file.key, sides[-1]), source)
            prepared = workers.prepare(source, Path(folder), only="square")
            for side, name in prepared.thumbs.items():
                made = Path(folder, name)
                size += made.stat().st_size
                storage.store(made, storage.place(file.key, side), "image/webp")
        storage.delete(file.key, [storage.MAIN, *sides])
    except Refused as refused:
        file_discard(file=file)
        raise ChatError(Code.UNSUPPORTED, str(refused)) from None
    except OSError as error:
        raise storage_away(error) from error
    file.thumbs, file.size = " ".join(map(str, sorted(SQUARES))), size
    return file


def fetch(name: str, path: Path) -> None:
    """Copy the stored bytes with this name to `path`."""
    with path.open("wb") as out:
        for piece in storage.pieces(name, 0, storage.size_of(name)):
            out.write(piece)
