"""On SQLite: one row of FTS5 for each second, and documents by SQLite's own row id. The index is filled again."""

from typing import Any

from django.db import migrations

import chat.models.search

# Without triggers: `chat.services.search_documents` writes what changed in a second.
_TOKENS = """
    CREATE VIRTUAL TABLE chat_searchtokens USING fts5(
        tokens, content='', detail='none', columnsize=0, tokenize="ascii tokenchars '!'"
    )
"""


def _empty(_apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "sqlite":
        for suffix in ("inserted", "deleted", "updated"):
            schema_editor.execute(f"DROP TRIGGER chat_searchdocument_{suffix}")
        schema_editor.execute("DELETE FROM chat_searchdocument")
        schema_editor.execute("DELETE FROM chat_searchcursor")
        schema_editor.execute("DROP TABLE chat_searchtokens")


def _create(_apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute(_TOKENS)


class Migration(migrations.Migration):
    dependencies = [("chat", "0009_workspace_acts")]
    operations = [
        migrations.RunPython(_empty),
        migrations.AlterField(
            "searchdocument", "number", chat.models.search.NumberField(primary_key=True, serialize=False)
        ),
        migrations.RunPython(_create),
    ]
