"""Open sockets, each under the lease of its process."""

import uuid
from datetime import datetime

from django.db import models
from django.db.models.functions import Now
from django.utils import timezone


class ProcessLease(models.Model):
    """A server process that is alive until `expires_at`.

    A killed process deletes nothing: its lease expires, and with it every connection under it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"

    @property
    def alive(self) -> bool:
        """Whether the lease has not expired."""
        return self.expires_at > timezone.now()


class ConnectionQuerySet(models.QuerySet["Connection"]):
    """Queries of connections."""

    def live(self, now: datetime | None = None) -> "ConnectionQuerySet":
        """The sockets of processes whose lease is valid at `now`."""
        return self.filter(process__expires_at__gt=now or timezone.now())


class Connection(models.Model):
    """An open socket. `close_requested`: its process must close it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    process = models.ForeignKey(ProcessLease, on_delete=models.CASCADE, related_name="connections")
    user = models.ForeignKey("chat.Participant", on_delete=models.CASCADE, related_name="connections")
    opened_at = models.DateTimeField(db_default=Now())
    address = models.CharField(max_length=64, blank=True)
    user_agent = models.CharField(max_length=200, blank=True)
    close_requested = models.BooleanField(default=False)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at"]

    def __str__(self) -> str:
        return str(self.id)
