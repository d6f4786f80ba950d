"""Legal holds: retention does not empty held messages, and a copy keeps what their authors change or delete."""

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from chat.models import AuditEntry, File, HeldText, LegalHold, Message, Participant, Room
from chat.services.audit import audit

# Copies that are deleted in one transaction when a hold ends.
BATCH = 200


def holds_active() -> QuerySet[LegalHold]:
    """The holds that have not ended, newest first."""
    return LegalHold.objects.filter(ended_at=None)


def held(of: str = "") -> Q:
    """The condition for a held `Message`. `of`: for another table, the path to the message (`message__`)."""
    active = holds_active()
    return Q(**{f"{of}room__in": active.exclude(room=None).values("room")}) | Q(
        **{f"{of}author__in": active.exclude(person=None).values("person")}
    )


@transaction.atomic
def hold_begin(*, actor: str, reason: str, room: Room | None = None, person: Participant | None = None) -> LegalHold:
    """Hold a room, or everything that a person wrote. Does not restore what was changed or deleted before."""
    hold = LegalHold.objects.create(room=room, person=person, reason=reason, begun_by=actor[:32])
    _audit(AuditEntry.Action.HOLD, actor, hold)
    return hold


def hold_end(hold: LegalHold, *, actor: str) -> int:
    """End a hold; deletes the copies that no other hold covers, and their files. Returns the number of copies."""
    with transaction.atomic():
        if not holds_active().filter(pk=hold.pk).update(ended_at=timezone.now()):
            return 0
        _audit(AuditEntry.Action.RELEASE, actor, hold)
    return copies_sweep()


def copies_sweep() -> int:
    """Delete the copies that no hold covers, in small transactions; can be interrupted at any time."""
    done = 0
    while copies := list(HeldText.objects.exclude(message__in=Message.objects.filter(held()))[:BATCH]):
        with transaction.atomic():
            keys = [key for copy in copies for key in copy.files]
            File.objects.filter(key__in=keys, state=File.State.HELD).update(state=File.State.GONE)
            HeldText.objects.filter(pk__in=[copy.pk for copy in copies]).delete()
        done += len(copies)
    return done


def text_keep(message: Message) -> bool:
    """Copy a message's text if a hold covers it; returns whether one does. Call it in the transaction of a change or
    deletion, before that."""
    if not Message.objects.filter(held(), pk=message.pk).exists():
        return False
    files = list(message.files.values_list("key", flat=True)) if message.file_count else []
    HeldText.objects.create(message=message, text=message.text, files=files)
    return True


def _audit(action: AuditEntry.Action, actor: str, hold: LegalHold) -> None:
    # Not in `room`: a room's moderators can read its audit entries, but must not learn of a hold.
    target = f"#{hold.room.slug}" if hold.room else f"@{hold.person}"
    audit(actor=actor, action=action, target=target[:64], reason=hold.reason, hold=hold.pk)
