"""Matching a person of an export to an account here, and taking it back. `match_moves` does the work."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from chat.models import CONVERSATIONS, AuditEntry, ImportJob, Message, Participant, PersonMatch, Reaction
from chat.protocol.errors import ChatError, Code, not_found
from chat.services.audit import audit
from chat.services.imports.jobs import check_may_import
from chat.services.legal_holds import held

SHOWN = 50
State = PersonMatch.State


def match_begin(*, actor: Participant | str, imported: str, account: str) -> PersonMatch:
    """Let an account take over what an import brought under a name: messages, reactions, mentions, threads and room
    memberships. Repeating it moves what was imported since. `actor`: an administrator, or a command's operator.

    Conversations of two stay as they are: their members never change.

    Raises:
        ChatError: `forbidden`, `not_found`, `invalid` for a name that is not imported or a person without account,
            `conflict` while an import is under way, for a name matched to someone else, and under a legal hold.
    """
    _check(actor)
    name, person = _participant(imported), _participant(account)
    if name.kind != Participant.Kind.IMPORTED:
        raise _invalid("username", f"@{name.username} is not somebody whom an import brought without an account.")
    if person.kind != Participant.Kind.PERSON or not person.is_active or person.user_id is None:
        raise _invalid("account", f"@{person.username} has no account that is in use.")
    _check_free(name, Reaction.objects.filter(user=name).exclude(message__room__kind__in=CONVERSATIONS))
    known = PersonMatch.objects.exclude(state=State.UNDONE).filter(imported=name).first()
    if known and (known.account_id != person.pk or known.state == State.RETURNING):
        raise ChatError(Code.CONFLICT, f"@{name.username} is @{known.account.username} already. Take that back first.")
    try:
        with transaction.atomic():
            match = known or PersonMatch(imported=name, account=person, by=None if isinstance(actor, str) else actor)
            match.state, match.tries, match.problem = State.MOVING, 0, ""
            match.save()
            _note(actor, match, "match")
    except IntegrityError:
        # Two requests at the same moment.
        raise ChatError(Code.CONFLICT, f"@{name.username} was matched meanwhile. Look at the list again.") from None
    return match


def match_undo(*, actor: Participant | str, imported: str) -> PersonMatch:
    """Give the moved content back to the name, as far as it still exists and is unchanged.

    Raises:
        ChatError: `forbidden`, `not_found`, `conflict` while it is being moved, while an import is under way, under
            a legal hold, and when the account is gone.
    """
    _check(actor)
    name = _participant(imported)
    match = PersonMatch.objects.exclude(state=State.UNDONE).filter(imported=name).first()
    if match is None:
        raise not_found("match")
    if match.state == State.MOVING:
        raise ChatError(Code.CONFLICT, "It is being moved. Wait until that is done.")
    if not match.account.is_active:
        raise ChatError(Code.CONFLICT, f"@{match.account.username} has no account any more: it stays with that name.")
    _check_free(match.account, match.parts.all())
    with transaction.atomic():
        match.state, match.tries, match.problem = State.RETURNING, 0, ""
        match.save(update_fields=["state", "tries", "problem"])
        _note(actor, match, "unmatch")
    return match


def matches() -> QuerySet[PersonMatch]:
    """The newest matches."""
    return PersonMatch.objects.select_related("by", "imported", "account")[:SHOWN]


def _check(actor: Participant | str) -> None:
    if isinstance(actor, Participant):
        check_may_import(actor)


def _check_free(author: Participant, changed: QuerySet[Any]) -> None:
    if ImportJob.objects.filter(state__in=ImportJob.WORK).exists():
        raise ChatError(Code.CONFLICT, "An import is under way. Wait until it is done, or pause it.")
    if Message.objects.filter(held(), author=author).exists() or changed.filter(held("message__")).exists():
        raise ChatError(
            Code.CONFLICT, f"A legal hold covers something of @{author.username}. It can be done when that ends."
        )


def _participant(username: str) -> Participant:
    name = username.strip().removeprefix("@")
    found = Participant.objects.filter(username__iexact=name).first() if "\0" not in name else None
    if found is None:
        raise not_found("person")
    return found


def _invalid(field: str, sentence: str) -> ChatError:
    return ChatError(Code.INVALID, sentence, fields={field: "will not do"})


def _note(actor: Participant | str, match: PersonMatch, act: str) -> None:
    names = {"target": match.imported.username, "account": match.account.username}
    audit(actor=actor, action=AuditEntry.Action.IMPORT, act=act, **names)
