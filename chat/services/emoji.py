"""Custom emoji of the server: adding with an uploaded picture, renaming, aliases, deleting."""

import re
import tempfile
from collections.abc import Collection
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction

from chat import storage
from chat.access import access_upload
from chat.formatting.emoji import emoji_named
from chat.media.process import workers
from chat.media.refused import Refused
from chat.models import AuditEntry, CustomEmoji, EmojiName, File, Participant
from chat.protocol import events
from chat.protocol.emoji import NAME_PATTERN
from chat.protocol.errors import ChatError, Code, not_found
from chat.queries.emoji import facts_of
from chat.rules import staff_refusal
from chat.services.audit import audit
from chat.services.file_taking import invalid_files
from chat.services.files import arrivals, file_discard, storage_away
from chat.services.pictures import fetch
from chat.services.publishing import announce

BYTES_MAX = 256 * 1024
KINDS = frozenset({"image/png", "image/gif", "image/webp"})
EMOJI_MAX = 5_000
# Limit per person who is not staff: otherwise one member could take every place of the server.
EMOJI_EACH = 100
ALIASES_MAX = 10


def may_add(user: Participant) -> bool:
    """Whether this person may add emoji."""
    return _adding_refusal(user) is None


def emoji_add(*, user: Participant, name: str, key: str, aliases: Collection[str] = ()) -> events.CustomEmoji:
    """Make an uploaded picture an emoji. Afterwards no message can take the file.

    Raises:
        ChatError: `forbidden`, `not_found`, `invalid` (name or file), `conflict` (a name is taken), `too_large`,
            `unsupported`, `unavailable`.
    """
    if problem := _adding_refusal(user):
        raise problem
    _check_names([name, *aliases])
    # Checked before the picture is drawn, because drawing deletes the original.
    if taken := EmojiName.objects.filter(name__in=[name, *aliases]).order_by("name").first():
        raise _taken(taken.name)
    if CustomEmoji.objects.count() >= EMOJI_MAX:
        raise ChatError(Code.FORBIDDEN, f"There are {EMOJI_MAX} emoji, as many as there may be. Delete one first.")
    _check_own(user)
    file = _drawn(user, key)
    with transaction.atomic():
        # Serializes two concurrent additions by one person, so that the second counts the first.
        Participant.objects.select_for_update(no_key=True).get(pk=user.pk)
        _check_own(user)
        ready = File.objects.filter(pk=file.pk, message=None, state=File.State.READY, kept=False)
        if not ready.update(kept=True, thumbs=file.thumbs, size=file.size):
            raise not_found("file")
        made = CustomEmoji.objects.create(file=file, made_by=user)
        _name(made, name, main=True)
        for alias in dict.fromkeys(aliases):
            _name(made, alias)
        audit(actor=user, action=AuditEntry.Action.WORKSPACE, target=name, act="emoji_added")
        facts = _facts(made)
        announce(events.EmojiChanged(name=name, emoji=facts))
    return facts


@transaction.atomic
def emoji_change(
    *, user: Participant, name: str, new_name: str | None = None, aliases: Collection[str] | None = None
) -> events.CustomEmoji:
    """Rename an emoji, whose old name becomes an alias, or replace its aliases. Only for the person who added it and
    for administrators.

    Raises:
        ChatError: `not_found`, `forbidden`, `invalid`, `conflict`.
    """
    emoji, main = _changed(user, name)
    _check_names([*([new_name] if new_name is not None else []), *(aliases or ())])
    if aliases is not None:
        emoji.names.filter(main=False).exclude(name__in=aliases).delete()
        known = set(emoji.names.values_list("name", flat=True))
        for alias in dict.fromkeys(aliases):
            if alias not in known:
                _name(emoji, alias)
    if new_name is not None and new_name != main:
        emoji.names.filter(main=True).update(main=False)
        if not emoji.names.filter(name=new_name).update(main=True):
            _name(emoji, new_name, main=True)
        # The old name stays as an alias: repeated renaming would otherwise take up every name.
        if emoji.names.count() > ALIASES_MAX + 1:
            raise _invalid("aliases", f"must be at most {ALIASES_MAX}, with the name it had")
    audit(actor=user, action=AuditEntry.Action.WORKSPACE, target=name, act="emoji_changed")
    facts = _facts(emoji)
    announce(events.EmojiChanged(name=main, emoji=facts))
    return facts


@transaction.atomic
def emoji_delete(*, user: Participant, name: str) -> None:
    """Delete an emoji: messages then show its name. Only for the person who added it and for administrators.

    Raises:
        ChatError: `not_found`, `forbidden`.
    """
    emoji, main = _changed(user, name)
    file = emoji.file
    emoji.delete()
    # The sweep deletes the bytes.
    File.objects.filter(pk=file.pk).update(state=File.State.GONE, kept=False)
    audit(actor=user, action=AuditEntry.Action.WORKSPACE, target=main, act="emoji_deleted")
    announce(events.EmojiChanged(name=main, emoji=None))


def _adding_refusal(user: Participant) -> ChatError | None:
    if settings.CHAT_WHO_ADDS_EMOJI == "everyone":
        return None
    return staff_refusal("Only administrators add emoji.", staff=user.is_staff, may_moderate=user.may_moderate)


def _check_own(user: Participant) -> None:
    if not user.is_staff and CustomEmoji.objects.filter(made_by=user).count() >= EMOJI_EACH:
        raise ChatError(Code.FORBIDDEN, f"{EMOJI_EACH} emoji are yours, as many as one may add. Delete one first.")


def _changed(user: Participant, name: str) -> tuple[CustomEmoji, str]:
    found = CustomEmoji.objects.select_related("file", "made_by").filter(names__name=name)
    emoji = found.select_for_update(of=("self",)).first()
    if emoji is None:
        raise not_found("emoji")
    problem = staff_refusal(
        "Only who added an emoji and administrators change it.", staff=user.is_staff, may_moderate=user.may_moderate
    )
    if problem and emoji.made_by_id != user.pk:
        raise problem
    return emoji, emoji.names.get(main=True).name


def _check_names(names: Collection[str]) -> None:
    if len(names) > ALIASES_MAX + 1:
        raise _invalid("aliases", f"must be at most {ALIASES_MAX}")
    for name in names:
        if not re.fullmatch(NAME_PATTERN, name):
            raise _invalid("name", "use 2 to 32 of a to z, 0 to 9, _, + and -")
        if emoji_named(name):
            raise _taken(name)


def _name(emoji: CustomEmoji, name: str, *, main: bool = False) -> None:
    try:
        with transaction.atomic():
            EmojiName.objects.create(name=name, emoji=emoji, main=main)
    except IntegrityError:
        raise _taken(name) from None


def _facts(emoji: CustomEmoji) -> events.CustomEmoji:
    return facts_of(emoji, list(emoji.names.order_by("-main", "name").values_list("name", flat=True)))


def _invalid(field: str, problem: str) -> ChatError:
    return ChatError(Code.INVALID, f"{field}: {problem}.", fields={field: problem})


def _taken(name: str) -> ChatError:
    return ChatError(Code.CONFLICT, f":{name}: is taken.", fields={"name": "is taken"})


def _drawn(user: Participant, key: str) -> File:
    """Store the small pictures next to the file, and delete the file's other parts."""
    file = access_upload(user=user, key=key)
    if file.state != File.State.READY or file.kept or not file.thumbs or file.media_type not in KINDS:
        raise invalid_files("is no picture that has arrived", "Choose a picture: PNG, GIF or WebP.")
    if file.length > BYTES_MAX:
        raise ChatError(Code.TOO_LARGE, "The picture is larger than 256 KB. Make it smaller and send it again.")
    sides, size = file.thumbs.split(), 0
    try:
        with tempfile.TemporaryDirectory(dir=arrivals()) as folder:
            source = Path(folder, "source")
            fetch(storage.place(file.key, sides[0]), source)
            prepared = workers.prepare(source, Path(folder), only="emoji")
            for part, name in prepared.thumbs.items():
                made = Path(folder, name)
                size += made.stat().st_size
                storage.store(made, storage.place(file.key, part), "image/webp")
        storage.delete(file.key, [storage.MAIN, *sides])
    except Refused as refused:
        file_discard(file=file)
        raise ChatError(Code.UNSUPPORTED, str(refused)) from None
    except OSError as error:
        raise storage_away(error) from error
    file.thumbs, file.size = " ".join(prepared.thumbs), size
    return file
