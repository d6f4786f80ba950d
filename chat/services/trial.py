"""Does the database take what it is given? Asked before anyone sends a message that would be refused."""

from django.db.models import F

from chat.models import ServerState


def write_tried() -> None:
    """Write a row as it is.

    Raises:
        django.db.Error: what stands in the way; `accounts.outage.why` has a sentence for most.
    """
    ServerState.objects.filter(pk=ServerState.SINGLETON).update(epoch=F("epoch"))
