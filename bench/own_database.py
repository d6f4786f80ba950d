"""A new database for programs that measure in their own process: an SQLite file, or a private PostgreSQL."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def own_database(kind: str, *, url: str = "") -> Iterator[None]:
    """Set Django up on an empty database with all tables, `kind` "sqlite" or "postgres", gone after the block; or on
    the one at `url`, which stays. What imports models is imported within the block."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DATA_DIR": folder,
            "DATABASE_TIMEOUT": "60",
            "DJANGO_SETTINGS_MODULE": "your_project.settings",
            "LOG_LEVEL": "warning",
        }
        os.environ.pop("DATABASE_URL", None)
        server = None
        if url:
            os.environ["DATABASE_URL"] = url
        elif kind == "postgres":
            from support.postgres import Postgres

            server = Postgres()
            os.environ["DATABASE_URL"] = server.create_database()
        try:
            import django

            django.setup()
            from django.core.management import call_command

            call_command("migrate", verbosity=0)
            yield
        finally:
            if server:
                server.stop()
