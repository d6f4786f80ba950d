"""Each term of the search's index begins with its period of time, so that the newest are looked up first, and pairs of
words are terms. The index is filled again. An older process indexes nothing meanwhile and finds less."""

from typing import Any

from django.db import migrations, models

_SQLITE = """
    CREATE VIRTUAL TABLE chat_searchtokens USING fts5(
        tokens, content='', detail='none', columnsize=0, tokenize="ascii tokenchars '!~'"
    )
"""
# A list of new entries (fastupdate) would be read through for each period that is looked at. The planner knows no query
# before it runs, and needs no statistics of the terms.
_POSTGRESQL = (
    "CREATE INDEX chat_searchdocument_terms ON chat_searchdocument USING gin (array_to_tsvector(string_to_array("
    "to_hex(number >> 50) || '!' || replace(tokens, ' ', ' ' || to_hex(number >> 50) || '!'), ' ')))"
    " WITH (fastupdate = off)",
    "ALTER INDEX chat_searchdocument_terms ALTER COLUMN 1 SET STATISTICS 0",
)


def _emptied(schema_editor: Any, index: str, column: str) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX {index}")
        schema_editor.execute("TRUNCATE chat_searchdocument, chat_searchcursor")
        schema_editor.execute(f"ALTER TABLE chat_searchdocument ALTER COLUMN tokens TYPE {column}")
    else:
        schema_editor.execute("DELETE FROM chat_searchdocument")
        schema_editor.execute("DELETE FROM chat_searchcursor")
        schema_editor.execute("DROP TABLE chat_searchtokens")


def _empty(_apps: Any, schema_editor: Any) -> None:
    _emptied(schema_editor, "chat_searchdocument_tokens", "text")


def _create(_apps: Any, schema_editor: Any) -> None:
    for statement in _POSTGRESQL if schema_editor.connection.vendor == "postgresql" else (_SQLITE,):
        schema_editor.execute(statement)


def _empty_again(_apps: Any, schema_editor: Any) -> None:
    # Django names no way from text to this type.
    _emptied(schema_editor, "chat_searchdocument_terms", "tsvector USING ''::tsvector")


def _create_again(_apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("CREATE INDEX chat_searchdocument_tokens ON chat_searchdocument USING gin (tokens)")
    else:
        schema_editor.execute(_SQLITE.replace("'!~'", "'!'"))


class Migration(migrations.Migration):
    dependencies = [("chat", "0041_threads_of_mentions")]
    operations = [
        migrations.RunPython(_empty, _create_again),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.AlterField("searchdocument", "tokens", models.TextField())]
        ),
        migrations.RunPython(_create, _empty_again),
    ]
