"""Earlier texts of edited messages: kept by edits, shown to people whom the room permits, and deleted in time."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from chat.access import access_message, access_room
from chat.models import HeldText, Message, MessageVersion, Participant, Room
from chat.protocol import events
from chat.protocol.errors import not_found
from chat.queries.history import PAGE_BYTES
from chat.rules import Action
from chat.services.legal_holds import held

# Earlier texts per message; the oldest ones are deleted beyond that.
VERSIONS_MAX = 20
# How long a replaced text is kept.
KEPT_FOR = timedelta(days=90)
# Texts that the sweep deletes per transaction.
BATCH = 500


def version_keep(room: Room, message: Message, *, at: datetime) -> None:
    """Keep a message's text before an edit at `at`, in the edit's transaction, unless the room keeps none."""
    if room.edit_history == Room.EditHistory.OFF:
        return
    written = message.edited_at or message.created_at
    MessageVersion.objects.create(message=message, text=message.text, written_at=written, replaced_at=at)
    if message.edited_at is None:
        return
    if old := list(message.versions.order_by("-id").values_list("pk", flat=True)[VERSIONS_MAX:]):
        versions_remove(MessageVersion.objects.filter(pk__in=old))


def versions_remove(versions: QuerySet[MessageVersion]) -> int:
    """Delete earlier texts; if a legal hold covers their message, they stay as copies that only the admin shows.
    Returns the number deleted."""
    copied = HeldText.objects.filter(message=OuterRef("message"), text=OuterRef("text"))
    covered = versions.filter(message__in=Message.objects.filter(held())).exclude(Exists(copied))
    HeldText.objects.bulk_create(
        HeldText(message_id=one.message_id, text=one.text, changed_at=one.replaced_at) for one in covered
    )
    return versions.delete()[0]


def versions_end(message: Message) -> None:
    """Delete a message's earlier texts; a message that was never edited has none, and costs no query."""
    if message.edited_at:
        versions_remove(message.versions.all())


def versions_of(*, user: Participant, room: str, seq: int) -> events.Versions:
    """The texts of a message, oldest first: the newest ones that fit into one frame, and at least the current text.

    Raises:
        ChatError: `not_found` (also deleted, cleared, a system line), `forbidden`.
    """
    access = access_room(user=user, slug=room)
    message = access_message(access=access, seq=seq, action=Action.VERSIONS)
    if message.deleted_at or message.kind == Message.Kind.SYSTEM:
        raise not_found("message")
    since = message.edited_at or message.created_at
    earlier = texts_kept(access.room, message).order_by("-id")
    kept: list[events.Version] = []
    size = 0
    for text, at in [(message.text, since), *earlier.values_list("text", "written_at")[:VERSIONS_MAX]]:
        version = events.Version(message=text, timestamp=events.stamp(at))
        size += len(version.model_dump_json().encode())
        if kept and size > PAGE_BYTES:
            break
        kept.append(version)
        since = at
    return events.Versions(room=access.room.slug, seq=seq, versions=kept[::-1], more=since > message.created_at)


def texts_kept(room: Room, message: Message) -> QuerySet[MessageVersion]:
    """The readable earlier texts of a message of `room`, without those that wait for deletion."""
    kept = message.versions.filter(replaced_at__gte=timezone.now() - KEPT_FOR)
    return kept.filter(replaced_at__gt=room.drop_versions_until) if room.drop_versions_until else kept


def versions_sweep() -> int:
    """Delete texts that were replaced long ago; returns their number. Can be interrupted at any time."""
    old = MessageVersion.objects.filter(replaced_at__lt=timezone.now() - KEPT_FOR).order_by("replaced_at")
    done = 0
    while found := list(old.values_list("pk", flat=True)[:BATCH]):
        done += versions_remove(MessageVersion.objects.filter(pk__in=found))
    return done


def versions_drop() -> int:
    """Delete the texts of rooms that turned their history off; returns their number. Each transaction deletes at most
    BATCH, so that edits do not wait for it. Can be interrupted at any time, and run in several processes."""
    done = 0
    for room in Room.objects.filter(drop_versions_until__isnull=False).order_by("pk"):
        dropped = MessageVersion.objects.filter(message__room=room, replaced_at__lte=room.drop_versions_until)
        last = 0
        while True:
            with transaction.atomic():
                rows = dropped.filter(pk__gt=last).order_by("pk").select_for_update(of=("self",), skip_locked=True)
                found = list(rows.values_list("pk", flat=True)[:BATCH])
                done += versions_remove(MessageVersion.objects.filter(pk__in=found)) if found else 0
            if not found:
                break
            last = found[-1]
        # Texts that another process has locked are not deleted yet.
        if not dropped.exists():
            this_end = Room.objects.filter(pk=room.pk, drop_versions_until=room.drop_versions_until)
            this_end.update(drop_versions_until=None)
    return done
