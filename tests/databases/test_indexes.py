"""An index of a table with constant writes."""

from typing import Any

from django.apps import apps
from django.db import connection, models
from django.db.migrations.state import ProjectState
from django.test.utils import CaptureQueriesContext

from chat.migrations._indexes import AddIndexBesideWriters
from support.postgres import Postgres

_VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('message_by_client')"
# A killed process leaves the index like this: PostgreSQL does not use it.
_CUT_OFF = "UPDATE pg_index SET indisvalid = false WHERE indexrelid = to_regclass('message_by_client')"


def test_it_is_made_beside_those_who_write_and_anew_where_one_was_cut_off(
    postgres: Postgres, migrated: str, connect: Any
) -> None:
    connect(postgres.create_database(template=migrated))
    state = ProjectState.from_apps(apps)
    operation = AddIndexBesideWriters("message", models.Index(fields=["client_id"], name="message_by_client"))
    for _attempt in range(2):
        with CaptureQueriesContext(connection) as asked, connection.schema_editor(atomic=False) as editor:
            operation.database_forwards("chat", editor, state, state)
        assert ["CONCURRENTLY" in query["sql"] for query in asked] == [True, True]
        with connection.cursor() as cursor:
            cursor.execute(_VALID)
            assert cursor.fetchall() == [(True,)]
            cursor.execute(_CUT_OFF)
