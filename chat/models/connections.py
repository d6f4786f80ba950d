"""Who is connected: sockets, each under the lease of the process that holds it."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone


class ProcessLease(models.Model):
    """A server process that says it is alive until `expires_at`.

    Nothing is cleaned up when a process is killed: its lease ends, and with it every connection under it.
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
        return self.expires_at > timezone.now()


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def live(self, now: datetime | None = None) -> "ConnectionQuerySet":
        """Sockets of processes that are alive."""
        return self.filter(process__expires_at__gt=now or timezone.now())


class Connection(models.Model):
    """One open socket. `close_requested` asks the process that holds it to close it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    process = models.ForeignKey(ProcessLease, on_delete=models.CASCADE, related_name="connections")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="connections")
    opened_at = models.DateTimeField(db_default=Now())
    address = models.CharField(max_length=64, blank=True)
    user_agent = models.CharField(max_length=200, blank=True)
    close_requested = models.BooleanField(default=False)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at"]

    def __str__(self) -> str:
        return str(self.id)
