"""`manage.py search_index`: brings the index of the search up to date, or makes it anew, while the server runs."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management import BaseCommand
from django.db import connection

from chat.services.search_documents import documents_pack
from chat.services.search_index import (
    Progress,
    index_begin_again,
    index_forget_rooms,
    index_progress,
    index_step,
    index_sweep,
)

SHOWN_EVERY_SECONDS = 2.0


class Command(BaseCommand):
    """Does at once what the server does little by little."""

    # Django's system checks import all URL patterns: 0.5 s.
    requires_system_checks = ()
    help = (
        "Brings the index of the search up to date. A running server does the same, slower, because posting comes "
        "first; both may work at once. A run that was interrupted goes on where it stopped."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--rebuild", action="store_true", help="make the whole index anew")

    def handle(self, *args: Any, rebuild: bool, **options: Any) -> None:
        self._no_time_limit()
        index_begin_again(outdated=not rebuild)
        began = shown = time.monotonic()
        done = 0
        while step := index_step():
            done += step
            if time.monotonic() - shown > SHOWN_EVERY_SECONDS:
                shown = time.monotonic()
                self._show(index_progress(), done / (shown - began))
        while index_forget_rooms():
            pass
        self._sweep()
        if rebuild or done:
            self._pack(rebuild)
        self.stdout.write(f"The index is up to date: {index_progress().messages:,} messages.")

    def _show(self, progress: Progress, speed: float) -> None:
        ready = progress.messages - progress.waiting
        self.stdout.write(
            f"{ready:,} of {progress.messages:,} messages, {speed:,.0f} a second, "
            f"{progress.waiting / max(speed, 1) / 60:.0f} min left"
        )
        self.stdout.flush()

    def _sweep(self) -> None:
        at: int | None = -(2**63)
        while at is not None:
            at = index_sweep(at)

    def _no_time_limit(self) -> None:
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET statement_timeout = 0")

    def _pack(self, rebuild: bool) -> None:
        """Remove the words of deleted messages from the pages of the index: GIN keeps a word without postings."""
        if connection.vendor == "sqlite":
            for _step in documents_pack():
                pass
        elif rebuild:
            with connection.cursor() as cursor:
                cursor.execute("REINDEX INDEX CONCURRENTLY chat_searchdocument_terms")
