"""The work of exports and imports: which process of the cluster performs it, and what is pending."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import DatabaseError, connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from chat.lib.pace import Pace
from chat.lib.prepared_queries import PreparedRows, all_together, moments
from chat.models import Export, ImportJob, PersonMatch, TransferWork
from chat.services.exports.preparing import export_prepare
from chat.services.exports.requests import exports_end, exports_to_end
from chat.services.imports.job_work import Paused, import_work, imports_to_forget
from chat.services.imports.jobs import KEPT_FOR, import_forget
from chat.services.imports.match_moves import match_work

LEASE_SECONDS = 30.0
# Seconds between two lease renewals, which also record the progress.
RENEW_SECONDS = 3.0


def transfers_wait() -> bool:
    """Whether any work is pending. A few cheap queries, on PostgreSQL in one round trip."""
    now = timezone.now()
    return any(
        all_together(*(one.of() for one in _BEGUN), _EXPORTS_TO_END.of(now), _IMPORTS_TO_FORGET.of(now - KEPT_FOR))
    )


_BEGUN = (
    PreparedRows(lambda: Export.objects.filter(state=Export.State.PREPARING).order_by().values_list("pk")[:1]),
    PreparedRows(lambda: ImportJob.objects.filter(state__in=ImportJob.WORK).order_by().values_list("pk")[:1]),
    PreparedRows(lambda: PersonMatch.objects.filter(state__in=PersonMatch.WORK).order_by().values_list("pk")[:1]),
)
_EXPORTS_TO_END = PreparedRows(lambda now: exports_to_end(now).order_by().values_list("pk")[:1], moments(0))
_IMPORTS_TO_FORGET = PreparedRows(lambda before: imports_to_forget(before).order_by().values_list("pk")[:1], moments(0))


def transfers_free() -> bool:
    """Whether no process holds the lease."""
    return not TransferWork.objects.filter(expires_at__gt=timezone.now()).exists()


def transfers_work() -> bool:
    """Perform all pending work; False if another process holds the lease."""
    with _leased() as beat:
        if beat is None:
            return False
        exports_end(exports_to_end())
        for job in imports_to_forget():
            import_forget(job)
        while work := _next():
            if isinstance(work, Export):
                export_prepare(work, beat.of_export(work))
            elif isinstance(work, PersonMatch):
                beat.of_match()
                match_work(work)
            else:
                import_work(work, beat.of_import(work))
        return True


def match_now(match: PersonMatch) -> bool:
    """Perform this match in this process; False if another one holds the lease, and will perform it."""
    with _leased() as beat:
        if beat is not None:
            match_work(match)
        return beat is not None


@contextmanager
def _leased() -> "Iterator[Heartbeat | None]":
    """Hold the lease while the block runs; yields None if another process holds it."""
    holder = uuid4()
    if not _take(holder):
        yield None
        return
    beat = Heartbeat(holder)
    beat.start()
    try:
        yield beat
    finally:
        beat.end()
        TransferWork.objects.filter(holder=holder).update(holder=None, expires_at=None)


def _next() -> Export | PersonMatch | ImportJob | None:
    """The next work. Imports come last, because one may take hours."""
    export = Export.objects.filter(state=Export.State.PREPARING).order_by("pk").first()
    match = PersonMatch.objects.filter(state__in=PersonMatch.WORK).order_by("pk").first()
    return export or match or ImportJob.objects.filter(state__in=ImportJob.WORK).order_by("pk").first()


class Heartbeat(threading.Thread):
    """Renews the lease and records the progress, on its own connection: the reading one is inside a snapshot."""

    def __init__(self, holder: UUID) -> None:
        super().__init__(daemon=True, name="chat-transfers")
        self._holder = holder
        self._ended = threading.Event()
        self._rows: QuerySet[Any] | None = None
        self._done = self._total = 0
        self._pace = Pace()
        # Whether the row's state has changed meanwhile: a person has paused the import.
        self._left = False

    def of_export(self, export: Export) -> Callable[[int], None]:
        """The progress callback, called with the number of messages written."""
        self._begin(Export.objects.filter(pk=export.pk, state=export.state))

        def progress(done: int) -> None:
            self._done = done
            self._pace.note("", done)

        return progress

    def of_import(self, job: ImportJob) -> Callable[[str, int, int], None]:
        """The progress callback, called after each batch with step, number done and total; raises `Paused`."""
        self._begin(ImportJob.objects.filter(pk=job.pk, state=job.state))

        def progress(step: str, done: int, total: int) -> None:
            self._done, self._total = done, total
            self._pace.note(step, done)
            if self._left:
                raise Paused

        return progress

    def of_match(self) -> None:
        """Stop recording progress here: a match records its own with each batch."""
        self._begin(None)

    def _begin(self, rows: "QuerySet[Any] | None") -> None:
        self._rows, self._done, self._total, self._left = rows, 0, 0, False
        self._pace = Pace()

    def run(self) -> None:
        """Renew until `end`. A process that loses the lease exits at once, because another one writes the same file."""
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
        rows = self._rows
        if rows is not None:
            facts = {"done": self._done, "rate": round(self._pace.rate)}
            facts |= {"total": self._total} if rows.model is ImportJob else {}
            self._left = not rows.update(**facts)

    def end(self) -> None:
        """Stop renewing."""
        self._ended.set()
        self.join()


def _take(holder: UUID) -> bool:
    """Take or renew the lease; False while another process holds it."""
    now = timezone.now()
    lease = {"holder": holder, "expires_at": now + timedelta(seconds=LEASE_SECONDS)}
    mine = Q(holder=holder) | Q(holder=None) | Q(expires_at__lte=now)
    taken = TransferWork.objects.filter(mine, pk=1).update(**lease)
    return bool(taken) or TransferWork.objects.get_or_create(pk=1, defaults=lease)[1]
