"""A trial write: checks that the database accepts writes before a client sends a message."""

from django.db.models import F

from chat.models import ServerState


def write_tried() -> None:
    """Write a row with its current values.

    Raises:
        django.db.Error: the cause; `chat.lib.outage.why` has a sentence for most of them.
    """
    ServerState.objects.filter(pk=ServerState.SINGLETON).update(epoch=F("epoch"))
