"""The epoch: the id of the history that all numbers (`rev`, `seq`) belong to."""

from uuid import uuid4

from chat.models import ServerState


def epoch_renew() -> str:
    """Start a new epoch after a backup was restored; returns its id.

    Numbers that clients remember may now belong to other messages. Every server process notices within seconds
    and closes its sockets; the clients reconnect, see the new epoch, and load the history of their rooms again.
    """
    state, _ = ServerState.objects.update_or_create(pk=ServerState.SINGLETON, defaults={"epoch": uuid4()})
    return str(state.epoch)
