"""The epoch names the history that all numbers (`rev`, `seq`) belong to."""

from uuid import uuid4

from chat.models import ServerState


def epoch_renew() -> str:
    """Begin another history, after a backup was restored; returns its name.

    Numbers that clients remember may by then belong to other messages. Every server process notices within seconds
    and sends its sockets away; they come back, see another epoch, and read their rooms anew.
    """
    state, _ = ServerState.objects.update_or_create(pk=ServerState.SINGLETON, defaults={"epoch": uuid4()})
    return str(state.epoch)
