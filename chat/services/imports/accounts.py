"""Accounts for people of an export: their participant gets a login and keeps the messages."""

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from chat.identity.participants import follow
from chat.models import Message, Participant, Thread, ThreadFollow

BATCH = 500


@transaction.atomic
def account_give(participant: Participant, email: str = "") -> bool:
    """Give an imported participant a login without a password, under their username; they follow the threads in which
    they wrote, as read. False if logins are e-mail addresses and the export has none, or one that is taken.

    Raises:
        IntegrityError: a login with this name exists, without a participant of the same name.
    """
    model = get_user_model()
    address = getattr(model, "get_email_field_name", lambda: "")()
    taken = bool(email) and bool(address) and model._default_manager.filter(**{f"{address}__iexact": email}).exists()
    facts = {model.USERNAME_FIELD: participant.username}
    if address:
        facts[address] = "" if taken else email.lower()
    if not facts[model.USERNAME_FIELD]:
        return False
    login = model(**facts)
    login.set_unusable_password()
    # Not `save`: with our own user model it would create another participant.
    model._default_manager.bulk_create([login])
    participant.user, participant.kind, participant.is_active = login, Participant.Kind.PERSON, True
    participant.save(update_fields=["user", "kind", "is_active"])
    follow(login.pk)
    follow_threads(participant)
    return True


def follow_threads(participant: Participant) -> None:
    """Let a person follow the threads in which they wrote, marked as read."""
    wrote = Message.objects.filter(room=OuterRef("room"), thread=OuterRef("seq"), author=participant, deleted_at=None)
    threads = Thread.objects.filter(Q(root__author=participant) | Exists(wrote)).select_related("room")
    ThreadFollow.objects.bulk_create(
        (ThreadFollow(thread=thread, user=participant, read_seq=thread.room.last_seq) for thread in threads),
        ignore_conflicts=True,
        batch_size=BATCH,
    )
