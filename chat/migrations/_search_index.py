"""The index of the search, beside the tables of the models. It begins empty; the server, or `manage.py search_index`,
fills it.

Each term begins with its period of time, so that the newest are looked up first, and pairs of words are terms.
"""

from typing import Any

# One row for each second, whose documents `chat.services.search_documents` writes. No positions are needed, so FTS5
# holds the numbers of seconds alone. Tokens are opaque to it: letters of any script, "!" before facts, "~" in pairs.
SQLITE = """
    CREATE VIRTUAL TABLE chat_searchtokens USING fts5(
        tokens, content='', detail='none', columnsize=0, tokenize="ascii tokenchars '!~'"
    )
"""
# A list of new entries (fastupdate) would be read through for each period that is looked at. The planner knows no query
# before it runs, and needs no statistics of the terms.
POSTGRESQL = (
    "CREATE INDEX chat_searchdocument_terms ON chat_searchdocument USING gin (array_to_tsvector(string_to_array("
    "to_hex(number >> 50) || '!' || replace(tokens, ' ', ' ' || to_hex(number >> 50) || '!'), ' ')))"
    " WITH (fastupdate = off)",
    "ALTER INDEX chat_searchdocument_terms ALTER COLUMN 1 SET STATISTICS 0",
)


def create(_apps: Any, schema_editor: Any) -> None:
    """Create it, beside the table of its documents."""
    for statement in POSTGRESQL if schema_editor.connection.vendor == "postgresql" else (SQLITE,):
        schema_editor.execute(statement)


def drop(_apps: Any, schema_editor: Any) -> None:
    """The index of PostgreSQL goes with its table."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE chat_searchtokens")
