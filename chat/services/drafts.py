"""Drafts: the last text that a person wrote in a room or thread, on any device. Posting ends a draft."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Length
from django.utils import timezone

from chat.access import access_room
from chat.models import KeptDraft, Membership, Participant
from chat.protocol import events
from chat.protocol.errors import ChatError, Code, not_found
from chat.queries.drafts import draft_event
from chat.services.publishing import tell_person

# Limits per person: drafts, and characters of all drafts together.
DRAFTS_MAX = 100
CHARS_MAX = 200_000


@transaction.atomic
def draft_save(
    *, user: Participant, room: str, text: str, thread: int | None = None, at: datetime | None = None, socket: str = ""
) -> events.Draft:
    """Keep the text that the person wrote `at` (None or a future time: now) unless a newer one is kept, and send it to
    their other sockets; returns the kept draft. A text without a visible character deletes the draft.

    Raises:
        ChatError: `not_found`, `banned`, `invalid` (too long), `forbidden` (no member, or too many).
    """
    now = timezone.now()
    at = min(at, now) if at else now
    _check_length(text)
    member = access_room(user=user, slug=room).membership
    if member is None:
        raise ChatError(Code.FORBIDDEN, "Join the room first.")
    # Posting locks the same row before it ends drafts: this orders the two.
    membership = Membership.objects.select_for_update(no_key=True).filter(pk=member.pk).first()
    if membership is None:
        raise not_found("room")
    if thread is not None and thread > member.room.last_seq:
        raise not_found("message")
    text = text if text.strip() else ""
    kept = KeptDraft.objects.filter(membership=membership, thread=thread).first()
    if kept is None and not text:
        return events.Draft(room=member.room.slug, thread=thread, text="", at=events.stamp(at))
    if kept is None:
        kept = KeptDraft(user=user, membership=membership, thread=thread, at=at)
        _forget_ended(user)
    elif kept.at > at:
        return draft_event(kept, member.room.slug)
    if text and len(text) > len(kept.text):
        _check_room_for(user, kept, text)
    kept.text, kept.at = text, at
    kept.save()
    if text and not membership.drafting:
        Membership.objects.filter(pk=membership.pk).update(drafting=True)
    event = draft_event(kept, member.room.slug)
    tell_person(user.pk, event, but=socket)
    return event


def draft_end(membership: Membership, room: str, *, thread: int | None = None, socket: str = "") -> None:
    """End the draft of a room or thread in which the person has posted. The caller holds the membership's lock.

    Keeps the draft's time, so that an older text does not come back, while a newer one is accepted.
    """
    kept = KeptDraft.objects.filter(membership=membership, thread=thread).exclude(text="").first()
    if kept:
        kept.text = ""
        kept.save(update_fields=["text"])
        tell_person(membership.user_id, draft_event(kept, room), but=socket)
    if not KeptDraft.objects.filter(membership=membership).exclude(text="").exists():
        Membership.objects.filter(pk=membership.pk).update(drafting=False)
        membership.drafting = False


def _check_length(text: str) -> None:
    limit = settings.CHAT_MESSAGE_MAX_CHARS
    if len(text) > limit:
        problem = {"text": f"must have at most {limit} characters"}
        raise ChatError(Code.INVALID, f"The draft is longer than a message may be: {limit} characters.", fields=problem)


def _check_room_for(user: Participant, kept: KeptDraft, text: str) -> None:
    others = KeptDraft.objects.filter(user=user).exclude(text="").exclude(pk=kept.pk)
    if not kept.text and others.count() >= DRAFTS_MAX:
        raise ChatError(Code.FORBIDDEN, f"You have {DRAFTS_MAX} drafts, as many as are kept. Send or delete one.")
    chars = others.aggregate(chars=Sum(Length("text")))["chars"] or 0
    if chars + len(text) > CHARS_MAX:
        raise ChatError(Code.FORBIDDEN, "Your drafts are too long together to be kept. Send or delete one.")


def _forget_ended(user: Participant) -> None:
    """Delete all but the newest DRAFTS_MAX ended drafts."""
    ended = KeptDraft.objects.filter(user=user, text="").order_by("-at", "-id")
    if old := list(ended.values_list("pk", flat=True)[DRAFTS_MAX:]):
        KeptDraft.objects.filter(pk__in=old).delete()
