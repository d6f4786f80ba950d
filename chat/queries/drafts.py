"""The drafts of a person."""

from chat.models import KeptDraft, Membership, Participant
from chat.protocol import events


def draft_event(kept: KeptDraft, room: str) -> events.Draft:
    """Return the event about a draft for a person's sockets."""
    return events.Draft(room=room, thread=kept.thread, text=kept.text, at=events.stamp(kept.at))


def drafts_of(user: Participant) -> events.Drafts:
    """Return all drafts of a person, the newest first. One query."""
    kept = (
        KeptDraft.objects.filter(user=user).exclude(text="").select_related("membership__room").order_by("-at", "-id")
    )
    return events.Drafts(
        drafts=[
            events.DraftItem(room=one.membership.room.slug, thread=one.thread, text=one.text, at=events.stamp(one.at))
            for one in kept
        ]
    )


def draft_in(membership: Membership | None) -> str:
    """Return the member's draft in the room, for its page without scripts. No query without a draft."""
    if membership is None or not membership.drafting:
        return ""
    kept = KeptDraft.objects.filter(membership=membership, thread=None).first()
    return kept.text if kept else ""
