"""The index of the search. It begins empty; the server, or `manage.py search_index`, fills it."""

from typing import Any

from django.db import migrations

# No positions are needed, so FTS5 holds the numbers of documents alone. Tokens are opaque to it: letters of any script,
# and "!" before facts.
_SQLITE = (
    """
    CREATE VIRTUAL TABLE chat_searchtokens USING fts5(
        tokens, content='chat_searchdocument', content_rowid='number', detail='none', columnsize=0,
        tokenize="ascii tokenchars '!'"
    )
    """,
    """
    CREATE TRIGGER chat_searchdocument_inserted AFTER INSERT ON chat_searchdocument BEGIN
        INSERT INTO chat_searchtokens (rowid, tokens) VALUES (new.number, new.tokens);
    END
    """,
    """
    CREATE TRIGGER chat_searchdocument_deleted AFTER DELETE ON chat_searchdocument BEGIN
        INSERT INTO chat_searchtokens (chat_searchtokens, rowid, tokens) VALUES ('delete', old.number, old.tokens);
    END
    """,
    """
    CREATE TRIGGER chat_searchdocument_updated AFTER UPDATE OF tokens ON chat_searchdocument BEGIN
        INSERT INTO chat_searchtokens (chat_searchtokens, rowid, tokens) VALUES ('delete', old.number, old.tokens);
        INSERT INTO chat_searchtokens (rowid, tokens) VALUES (new.number, new.tokens);
    END
    """,
)
# New entries wait in a list that each search reads through: at most 1 MB of it.
_POSTGRESQL = (
    "CREATE INDEX chat_searchdocument_tokens ON chat_searchdocument USING gin (tokens)"
    " WITH (fastupdate = on, gin_pending_list_limit = 1024)",
)


def _create(_apps: Any, schema_editor: Any) -> None:
    for statement in _POSTGRESQL if schema_editor.connection.vendor == "postgresql" else _SQLITE:
        schema_editor.execute(statement)


def _drop(_apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE chat_searchtokens")


class Migration(migrations.Migration):
    dependencies = [("chat", "0002_first_rows")]
    operations = [migrations.RunPython(_create, _drop)]
