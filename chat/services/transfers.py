"""The work of preparing exports: which process of the cluster has it, and what there is to do."""

import os
import threading
import time
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import DatabaseError, connection
from django.db.models import Q
from django.utils import timezone

from chat.models import Export, TransferWork
from chat.services.exports.preparing import export_prepare
from chat.services.exports.requests import exports_end, exports_to_end

LEASE_SECONDS = 30.0
# Seconds between two renewals, which also note the progress.
RENEW_SECONDS = 3.0


def transfers_wait() -> bool:
    """Whether there is something to do, and no process does it. One or two cheap queries."""
    waiting = Export.objects.filter(state=Export.State.PREPARING).exists() or exports_to_end().exists()
    return waiting and not TransferWork.objects.filter(expires_at__gt=timezone.now()).exists()


def transfers_work() -> bool:
    """Do all that waits; False when another process has the work."""
    holder = uuid4()
    if not _take(holder):
        return False
    beat = Heartbeat(holder)
    beat.start()
    try:
        exports_end(exports_to_end())
        while export := Export.objects.filter(state=Export.State.PREPARING).order_by("pk").first():
            export_prepare(export, beat.of_export(export))
        return True
    finally:
        beat.end()
        TransferWork.objects.filter(holder=holder).update(holder=None, expires_at=None)


class Heartbeat(threading.Thread):
    """Renews the lease and notes the progress, on a connection of its own: the one that reads is inside a snapshot."""

    def __init__(self, holder: UUID) -> None:
        super().__init__(daemon=True, name="chat-transfers")
        self._holder = holder
        self._ended = threading.Event()
        self._export = 0
        self._done = self._noted = 0

    def of_export(self, export: Export) -> "Heartbeat":
        """What is called with the number of messages that are written."""
        self._export, self._done, self._noted = export.pk, 0, 0
        return self

    def __call__(self, done: int) -> None:
        self._done = done

    def run(self) -> None:
        """Renew until `end`. A process that has lost the lease stops at once: another one writes the same file."""
        renewed = time.monotonic()
        try:
            while not self._ended.wait(RENEW_SECONDS):
                try:
                    held = _take(self._holder)
                    self._note()
                except DatabaseError:
                    held = time.monotonic() - renewed < LEASE_SECONDS
                else:
                    renewed = time.monotonic()
                if not held:
                    os._exit(1)
        finally:
            connection.close()

    def _note(self) -> None:
        if self._done != self._noted:
            self._noted = self._done
            Export.objects.filter(pk=self._export, state=Export.State.PREPARING).update(done=self._noted)

    def end(self) -> None:
        """Stop renewing."""
        self._ended.set()
        self.join()


def _take(holder: UUID) -> bool:
    """Take or renew the work; False while another process has it."""
    now = timezone.now()
    lease = {"holder": holder, "expires_at": now + timedelta(seconds=LEASE_SECONDS)}
    mine = Q(holder=holder) | Q(holder=None) | Q(expires_at__lte=now)
    taken = TransferWork.objects.filter(mine, pk=1).update(**lease)
    return bool(taken) or TransferWork.objects.get_or_create(pk=1, defaults=lease)[1]
