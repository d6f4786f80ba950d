"""Changes of existing messages: edit, delete, react. Each takes a new `rev` under the room's lock."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from chat.access import Access, access_message, access_room
from chat.formatting.addresses import may_link
from chat.models import AuditEntry, Mention, Message, Participant, Reaction, Room
from chat.protocol import events
from chat.protocol.emoji import named, one_form
from chat.protocol.errors import ChatError, Code, not_found
from chat.queries.emoji import main_name
from chat.queries.files import files_of
from chat.queries.message_states import MessageRow, imports_in, reactions_of, replies_of, states_of
from chat.queries.previews import previews_of
from chat.rules import Action
from chat.services.audit import audit
from chat.services.file_taking import files_give_up
from chat.services.forwarding import forwards_end
from chat.services.legal_holds import text_keep
from chat.services.mentions import CALLS, called_in, groups_called, members_named, mentions_of, named_in, people_called
from chat.services.pin_lists import pins_end
from chat.services.posting import text_problem
from chat.services.preview_work import work_want
from chat.services.publishing import publish, take_rev
from chat.services.reaction_pushes import reaction_push
from chat.services.thread_roots import replies_removed, reply_edited
from chat.services.uncounted import uncounted_add
from chat.services.versions import version_keep, versions_end

# Limit of different emoji on one message.
REACTION_KINDS_MAX = 50


@dataclass(frozen=True, slots=True)
class Changed:
    """The numbers of a message after a change; the old ones if nothing changed."""

    room: str
    seq: int
    rev: int
    at: datetime
    # The published state; None when nothing was published.
    state: events.Message | None = None


@transaction.atomic
def message_edit(
    *, user: Participant, room: str, seq: int, text: str, reason: str = "", via_admin: bool = False
) -> Changed:
    """Replace the text of one's own message; in the admin (`via_admin`) also of another person's, which is audited.

    Raises:
        ChatError: `not_found`, `forbidden`, `muted`, `invalid`.
    """
    access, message = _open(user, room, seq, Action.EDIT, via_admin=via_admin)
    if message.deleted_at or message.kind == Message.Kind.SYSTEM:
        raise not_found("message")
    if message.forwarded and not via_admin:
        raise ChatError(Code.FORBIDDEN, "A forwarded message cannot be edited. Delete it and forward it again.")
    if problem := text_problem(text):
        raise problem
    if text == message.text:
        return _numbers(access, message)
    if via_admin:
        _audit(access, message, AuditEntry.Action.EDIT_MESSAGE, reason)
    text_keep(message)
    now = timezone.now()
    if via_admin:
        # A text that an administrator removes must not stay as an earlier version.
        versions_end(message)
        forwards_end([message])
    else:
        version_keep(access.room, message, at=now)
    message.text = text
    message.edited_at = now
    names = named_in(text)
    members = members_named(room_ids=[access.room.pk], names=names)
    may_all = access.may(Action.CALL_ALL)
    calls = called_in(names) if may_all else []
    said = {name for _, name in members}
    rest = [name for name in names if name not in said and name not in CALLS]
    called = groups_called(access.room.pk, rest, by=message.author_id, may_all=may_all)
    called |= people_called(access.room.pk, calls) if calls else {}
    called.pop(message.author_id, None)
    calls += [name for name in rest if name in called.values()]
    message.mentions.all().delete()
    Mention.objects.bulk_create(mentions_of(message, [user_id for user_id, _ in members.values()], called))
    if message.thread is not None:
        reply_edited(access.room, message.thread, message.seq, [user_id for user_id, _ in members.values()])
    reactions = reactions_of([message.pk]).get(message.pk)
    mentions = [username for _, username in members.values()] + calls
    files = files_of([message.pk] if message.file_count else []).get(message.pk)
    if message.preview_count or may_link(text):
        work_want([(access.room.pk, seq)], at=message.edited_at)
    previews = previews_of([message.pk] if message.preview_count else []).get(message.pk)
    parts = {"reactions": reactions, "mentions": mentions, "files": files, "previews": previews}
    return _commit(access, message, lambda row: _state(row, **parts))


@transaction.atomic
def message_delete(*, user: Participant, room: str, seq: int, reason: str = "", via_admin: bool = False) -> Changed:
    """Delete the content of a message permanently; its position in the history remains.

    Raises:
        ChatError: `not_found`, `forbidden`.
    """
    access, message = _open(user, room, seq, Action.DELETE, via_admin=via_admin)
    if message.deleted_at:
        return _numbers(access, message)
    if message.system is None and message.in_room:
        uncounted_add(access.room, [message.seq])
    held = text_keep(message)
    message.text = ""
    message.system = None
    message.deleted_at = timezone.now()
    # `user` may have an outdated name, from when its socket was opened; the author was read just now.
    message.deleted_by = message.author if message.author_id == user.pk else Participant.objects.get(pk=user.pk)
    message.mentions.all().delete()
    message.reactions.all().delete()
    message.previews.all().delete()
    versions_end(message)
    forwards_end([message])
    message.preview_count = 0
    files_give_up(message, held=held)
    if message.author_id != user.pk:
        _audit(access, message, AuditEntry.Action.DELETE_MESSAGE, reason)
    message.pinned_at = message.pinned_by = None
    changed = _commit(access, message, _state)
    publish(pins_end(access.room, {seq}))
    return changed


@transaction.atomic
def message_react(*, user: Participant, room: str, seq: int, emoji: str, on: bool) -> Changed:
    """Add a reaction of the caller to a message, or remove it.

    Raises:
        ChatError: `not_found`, `forbidden`, `muted`, `invalid`.
    """
    access, message = _open(user, room, seq, Action.REACT)
    if message.deleted_at:
        raise not_found("message")
    own = named(emoji)
    emoji = f":{main_name(own) or own}:" if own else one_form(emoji)
    if on:
        if own and main_name(own) is None:
            raise ChatError(Code.INVALID, f"There is no emoji {emoji}.", fields={"emoji": "is not there"})
        kinds = set(message.reactions.values_list("emoji", flat=True))
        if emoji not in kinds and len(kinds) >= REACTION_KINDS_MAX:
            raise ChatError(Code.INVALID, f"A message takes at most {REACTION_KINDS_MAX} different reactions.")
        whose = {"author_id": message.author_id}
        reaction, changed = Reaction.objects.get_or_create(message=message, user=user, emoji=emoji, defaults=whose)
        if changed:
            reaction_push(reaction, message)
    else:
        changed = bool(message.reactions.filter(user=user, emoji=emoji).delete()[0])
    if not changed:
        return _numbers(access, message)
    return _commit(access, message, lambda row: states_of([row])[0])


def _open(user: Participant, room: str, seq: int, action: Action, *, via_admin: bool = False) -> tuple[Access, Message]:
    access = access_room(user=user, slug=room, lock=True, via_admin=via_admin)
    message = access_message(access=access, seq=seq, action=action)
    message.room = access.room
    return access, message


def _audit(access: Access, message: Message, action: str, reason: str) -> None:
    author, room = message.author.username, access.room.slug
    audit(actor=access.user, action=action, room=room, target=author, reason=reason, seq=message.seq)


def _commit(access: Access, message: Message, state_of: Callable[[MessageRow], events.Message]) -> Changed:
    message.rev = take_rev(access.room)
    message.save()
    # The row holds the whole state, except for the reactions and mentions that `state_of` reads.
    state = state_of(MessageRow.of(message))
    changed = [state] if message.seq >= access.room.cleared_before_seq else []
    if message.deleted_at and message.thread is not None:
        changed += replies_removed(access.room, [message.thread])
    access.room.save(update_fields=["last_rev"])
    publish((access.room, one) for one in changed)
    return replace(_numbers(access, message), state=state)


def _state(row: MessageRow, **parts: Any) -> events.Message:
    return row.state(replies=replies_of([row]).get(row.id), imported=imports_in([row]).get(row.id, ""), **parts)


def _numbers(access: Access, message: Message) -> Changed:
    return numbers_of(access.room, message)


def numbers_of(room: Room, message: Message, state: events.Message | None = None) -> Changed:
    """The numbers of a message, with its state if it was published."""
    return Changed(room.slug, message.seq, message.rev, message.edited_at or message.created_at, state)
