"""Drafts: bodies."""

from chat.api.schemas.base import Body, Moment
from chat.protocol.fields import DraftText, Seq


class NewDraft(Body):
    """What was begun in a room, or in the thread with the root `thread`; an empty text deletes it. `at`: when it was
    written; an older text than the one that is kept changes nothing."""

    text: DraftText
    thread: Seq | None = None
    at: Moment | None = None
