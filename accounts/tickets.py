"""One-time tickets: half a minute to open one socket, redeemable on any process."""

import secrets
from typing import NamedTuple

from django.utils import timezone

from accounts.identity import Identity
from accounts.models import Ticket, digest


class Proof(NamedTuple):
    """What the one who asked for the ticket was known by."""

    kind: str
    key: str


def issue(identity: Identity) -> str:
    """Create a ticket for `identity`. It is valid once, for half a minute, and only while that credential is valid."""
    now = timezone.now()
    Ticket.objects.filter(expires_at__lt=now).delete()
    ticket = secrets.token_urlsafe(32)
    # A ticket never begets a ticket: what counts is the proof behind it.
    kind, key = identity.key.split(":", 1) if identity.kind == "ticket" else (identity.kind, identity.key)
    Ticket.objects.create(
        user=identity.user, ticket_hash=digest(ticket), kind=kind, key=key, expires_at=now + Ticket.LIFETIME
    )
    return ticket


def redeem(ticket: str) -> Proof | None:
    """Take a ticket. Only one of several callers at the same moment gets it: the one that deletes the row."""
    row = Ticket.objects.filter(ticket_hash=digest(ticket)).first()
    if row is None:
        return None
    taken, _ = Ticket.objects.filter(pk=row.pk).delete()
    if not taken or row.expires_at <= timezone.now():
        return None
    return Proof(row.kind, row.key)
