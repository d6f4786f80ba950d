"""The text side of the search: tokens of a message, parsing of a query, and where it matches. No database."""
