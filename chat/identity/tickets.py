"""One-time tickets: valid for half a minute to open one socket, on any process."""

import secrets
from typing import NamedTuple

from django.utils import timezone

from chat.identity import Identity
from chat.models import Ticket
from chat.models.credentials import digest


class Proof(NamedTuple):
    """The credential of the identity that requested the ticket."""

    kind: str
    key: str


def issue(identity: Identity) -> str:
    """Create a ticket for `identity`. It is valid once, for half a minute, and only while that credential is valid."""
    now = timezone.now()
    Ticket.objects.filter(expires_at__lt=now).delete()
    ticket = secrets.token_urlsafe(32)
    # A ticket requested with a ticket gets the credential behind that one.
    kind, key = identity.credential
    Ticket.objects.create(
        user=identity.user, ticket_hash=digest(ticket), kind=kind, key=key, expires_at=now + Ticket.LIFETIME
    )
    return ticket


def redeem(ticket: str) -> Proof | None:
    """Delete the ticket and return its proof, or None. Of several simultaneous callers, only the one that deletes the
    row gets it."""
    row = Ticket.objects.filter(ticket_hash=digest(ticket)).first()
    if row is None:
        return None
    taken, _ = Ticket.objects.filter(pk=row.pk).delete()
    if not taken or row.expires_at <= timezone.now():
        return None
    return Proof(row.kind, row.key)
