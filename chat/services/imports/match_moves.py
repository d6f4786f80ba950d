"""The work of a match, in batches: each is a transaction that is published to open pages, and a stop can resume."""

import logging
import re
from collections import defaultdict
from typing import Any

from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from chat.importing.words import outside_code
from chat.models import (
    CONVERSATIONS,
    Ban,
    ImportedPerson,
    MatchedPart,
    Membership,
    Message,
    Participant,
    PersonMatch,
    Reaction,
    Room,
)
from chat.protocol.errors import ChatError, Code
from chat.services.imports.accounts import follow_threads
from chat.services.imports.match_rows import (
    authors_give,
    by_room,
    changes_send,
    mentions_give,
    not_held,
    room_locked,
)
from chat.services.imports.pauses import pausing
from chat.services.legal_holds import held
from chat.signals import mark_access_changed

logger = logging.getLogger(__name__)

BATCH = 500
TRIES = 3
BROKEN = gettext_noop("It could not be done. The log of the server says why.")
State, Kind = PersonMatch.State, MatchedPart.Kind


def match_work(match: PersonMatch) -> None:
    """Perform the pending work of the match until it ends.

    Raises:
        DatabaseError: the work is started again.
    """
    PersonMatch.objects.filter(pk=match.pk).update(tries=F("tries") + 1)
    then = State.UNDONE if match.state == State.RETURNING else State.DONE
    try:
        if match.tries >= TRIES:
            raise RuntimeError("it was begun too often")
        _Way(match).back() if then == State.UNDONE else _Way(match).there()
    except (DatabaseError, InterfaceError):
        raise
    except ChatError as refused:
        PersonMatch.objects.filter(pk=match.pk).update(state=State.FAILED, problem=refused.message)
    except Exception:
        logger.exception("Match %s failed.", match.pk)
        PersonMatch.objects.filter(pk=match.pk).update(state=State.FAILED, problem=BROKEN)
    else:
        PersonMatch.objects.filter(pk=match.pk).update(state=then, ended_at=timezone.now())


def renamed(text: str, old: str, new: str) -> str:
    """The text with `@old` replaced by `@new`, except in code."""
    name = re.compile(rf"(?<![\w@/.-])@{re.escape(old)}(?![\w-]|\.\w)")
    return outside_code(text, lambda part: name.sub(f"@{new}", part))


class _Way:
    def __init__(self, match: PersonMatch) -> None:
        self._match = match
        self._name: Participant = match.imported
        self._person: Participant = match.account

    def there(self) -> None:
        """Move the content of the imported name to the account, except under a legal hold.

        Raises:
            ChatError: `conflict`, at the end: a hold has begun meanwhile.
        """
        self._rooms()
        theirs = Message.objects.filter(author=self._name).exclude(room__kind__in=CONVERSATIONS).order_by("pk")
        while messages := list(theirs.exclude(held())[:BATCH]):
            for room, some in by_room(messages):
                self._authors(room, some)
        reacted = Reaction.objects.filter(user=self._name).exclude(message__room__kind__in=CONVERSATIONS).order_by("pk")
        while reactions := list(reacted.exclude(held("message__")).select_related("message")[:BATCH]):
            of_message: defaultdict[int, list[Reaction]] = defaultdict(list)
            for reaction in reactions:
                of_message[reaction.message_id].append(reaction)
            for room, some in by_room([one.message for one in reactions]):
                self._reactions(room, some, of_message)
        self._texts()
        _check_none(theirs, reacted)
        with transaction.atomic():
            sources = list(ImportedPerson.objects.filter(participant=self._name).values_list("pk", flat=True))
            ImportedPerson.objects.filter(pk__in=sources).update(participant=self._person)
            self._keep("sources", sources)
        follow_threads(self._person)

    def back(self) -> None:
        """Return the moved content, last part first, except under a legal hold.

        Raises:
            ChatError: as `there`.
        """
        parts = self._match.parts.select_related("message").order_by("-pk")
        while some := list(parts.exclude(held("message__"))[:BATCH]):
            of_message: defaultdict[int, list[MatchedPart]] = defaultdict(list)
            for part in some:
                of_message[part.message_id].append(part)
            for room, messages in by_room([part.message for part in some]):
                self._returned(room, messages, of_message)
        _check_none(parts)
        self._rooms_back()
        ImportedPerson.objects.filter(pk__in=self._match.moved.get("sources", [])).update(participant=self._name)
        self._match.moved = {}
        self._match.save(update_fields=["moved"])

    def _rooms(self) -> None:
        """Make the account a member of the name's rooms, with the name's role, with everything marked as read."""
        bans = Ban.objects.filter(Q(until=None) | Q(until__gt=timezone.now()), user=self._person)
        banned = set(bans.values_list("room_id", flat=True))
        there = Membership.objects.filter(user=self._name).exclude(room__kind__in=CONVERSATIONS)
        for membership in there.order_by("room_id"):
            with pausing(), transaction.atomic():
                room = room_locked(membership.room_id)
                known = Membership.objects.filter(room=room, user=self._person).exists()
                if known or room.pk in banned:
                    membership.delete()
                    self._keep("ended", [room.pk])
                else:
                    membership.user, membership.read_seq = self._person, room.last_seq
                    membership.save(update_fields=["user", "read_seq"])
                    self._keep("given", [room.pk])
                    mark_access_changed([self._person.pk])

    def _rooms_back(self) -> None:
        moved, wrote = self._match.moved, Message.objects.filter(author=self._person)
        for room_id in [*moved.get("given", []), *moved.get("ended", [])]:
            with pausing(), transaction.atomic():
                room = Room.objects.select_for_update(no_key=True).filter(pk=room_id).first()
                if room is None:
                    continue
                held = Membership.objects.filter(room=room, user=self._person).first()
                # A person who has written there since stays a member.
                if held and room_id in moved.get("given", []) and not wrote.filter(room=room).exists():
                    held.delete()
                    mark_access_changed([self._person.pk])
                Membership.objects.get_or_create(room=room, user=self._name, defaults={"read_seq": room.last_seq})

    def _authors(self, room_id: int, messages: list[Message]) -> None:
        with pausing(), transaction.atomic():
            room = room_locked(room_id)
            if not (messages := not_held(messages)):
                return
            MatchedPart.objects.bulk_create(
                MatchedPart(match=self._match, message=one, kind=Kind.AUTHOR) for one in messages
            )
            authors_give(messages, was=self._name, now=self._person)
            last = max(one.seq for one in messages)
            # Unread counts subtract the person's own messages after a mark only up to `back_from_seq`.
            Membership.objects.filter(room=room, user=self._person, back_from_seq__lt=last).update(back_from_seq=last)
            PersonMatch.objects.filter(pk=self._match.pk).update(done=F("done") + len(messages))
            changes_send(room, messages, counted=True)

    def _reactions(self, room_id: int, messages: list[Message], found: dict[int, list[Reaction]]) -> None:
        with pausing(), transaction.atomic():
            room = room_locked(room_id)
            messages = not_held(messages)
            ids = [one.pk for one in messages]
            own = set(Reaction.objects.filter(message__in=ids, user=self._person).values_list("message_id", "emoji"))
            parts: list[MatchedPart] = []
            doubled: list[int] = []
            moved: list[int] = []
            for reaction in (one for message in messages for one in found[message.pk]):
                twice = (reaction.message_id, reaction.emoji) in own
                (doubled if twice else moved).append(reaction.pk)
                parts.append(
                    MatchedPart(
                        match=self._match,
                        message_id=reaction.message_id,
                        kind=Kind.REACTION,
                        before=reaction.emoji,
                        doubled=twice,
                    )
                )
            MatchedPart.objects.bulk_create(parts)
            Reaction.objects.filter(pk__in=doubled).delete()
            Reaction.objects.filter(pk__in=moved).update(user=self._person)
            changes_send(room, messages)

    def _texts(self) -> None:
        """Rename the person in imported texts, in all rooms. Texts that people wrote on this server stay unchanged,
        and so do all texts under a legal hold."""
        old, new, last = self._name.username, self._person.username, 0
        naming = Message.objects.filter(imported__isnull=False, text__contains=f"@{old}").exclude(held()).order_by("pk")
        while messages := list(naming.filter(pk__gt=last)[:BATCH]):
            last = messages[-1].pk
            for room_id, some in by_room(messages):
                changed = [one for one in some if renamed(one.text, old, new) != one.text]
                if changed:
                    self._rename(room_id, changed)

    def _rename(self, room_id: int, messages: list[Message]) -> None:
        with pausing(), transaction.atomic():
            room = room_locked(room_id)
            messages = not_held(messages)
            MatchedPart.objects.bulk_create(
                MatchedPart(match=self._match, message=one, kind=Kind.TEXT, before=one.text) for one in messages
            )
            for one in messages:
                one.text = renamed(one.text, self._name.username, self._person.username)
            Message.objects.bulk_update(messages, ["text"])
            mentions_give(messages, was=self._name, now=self._person)
            changes_send(room, messages)

    def _returned(self, room_id: int, messages: list[Message], parts: dict[int, list[MatchedPart]]) -> None:
        with pausing(), transaction.atomic():
            room = room_locked(room_id)
            messages = not_held(messages)
            by_kind: defaultdict[str, list[tuple[Message, MatchedPart]]] = defaultdict(list)
            for one in messages:
                for part in parts[one.pk]:
                    by_kind[part.kind].append((one, part))
            authored = [one for one, _ in by_kind[Kind.AUTHOR] if one.author_id == self._person.pk]
            authors_give(authored, was=self._person, now=self._name)
            for one, part in by_kind[Kind.REACTION]:
                self._reaction_back(one, part)
            named = [
                (one, part.before)
                for one, part in by_kind[Kind.TEXT]
                # A message that was edited or deleted since stays as it is.
                if one.text == renamed(part.before, self._name.username, self._person.username)
            ]
            for one, text in named:
                one.text = text
            Message.objects.bulk_update([one for one, _ in named], ["text"])
            mentions_give([one for one, _ in named], was=self._person, now=self._name)
            MatchedPart.objects.filter(pk__in=[part.pk for one in messages for part in parts[one.pk]]).delete()
            changes_send(room, messages, counted=bool(authored))

    def _reaction_back(self, message: Message, part: MatchedPart) -> None:
        if message.deleted_at:
            return
        if part.doubled:
            Reaction.objects.get_or_create(message=message, user=self._name, emoji=part.before)
        else:
            Reaction.objects.filter(message=message, user=self._person, emoji=part.before).update(user=self._name)

    def _keep(self, what: str, ids: list[int]) -> None:
        moved = self._match.moved
        moved[what] = [*moved.get(what, []), *ids]
        self._match.save(update_fields=["moved"])


def _check_none(*left: QuerySet[Any]) -> None:
    if any(some.exists() for some in left):
        raise ChatError(Code.CONFLICT, "A legal hold covers some of it, which stayed as it was.")
