"""Compares names case-insensitively, in the same way in every database.

A database has a locale. With a Turkish one `lower('I')` is `ı`, and `iris` and `IRIS` were two people. Usernames and
slugs are ASCII: they are compared with the collation "C", as SQLite compares all text.
"""

from typing import TYPE_CHECKING, Any

from django.db.models import CharField, EmailField, Func
from django.db.models.lookups import IExact, IStartsWith, Lookup

if TYPE_CHECKING:
    Text = CharField[str, str]
    Address = EmailField[str, str]
else:
    Text, Address = CharField, EmailField


class AsciiLower(Func):
    """The SQL function: lower case of A to Z; other characters are unchanged."""

    function = "LOWER"
    arity = 1
    output_field = CharField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """With the collation "C"."""
        return self.as_sql(compiler, connection, template='LOWER((%(expressions)s) COLLATE "C")', **context)


class _Plain:
    """Deconstructs as Django's own field, so that no migration is needed."""

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()  # type: ignore[misc]
        return name, f"django.db.models.{type(self).__mro__[2].__name__}", args, kwargs


class NameField(_Plain, Text):
    """A username or a slug: case-insensitive lookups fold only A to Z, and a value with NUL, for which PostgreSQL
    raises an error, finds nothing."""

    def get_prep_value(self, value: Any) -> Any:
        """Return the text, with NUL replaced by a character that no name has."""
        text = super().get_prep_value(value)
        return text.replace("\x00", "\ufffd") if isinstance(text, str) else text


class AddressField(_Plain, Address):
    """An e-mail address, stored in lower case."""


class _Ascii:
    operator = "="

    def as_postgresql(self: Any, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, of_column = Lookup.process_lhs(self, compiler, connection)
        value, of_value = self.process_rhs(compiler, connection)
        sql = f'LOWER(({column}) COLLATE "C") {self.operator} LOWER(({value}) COLLATE "C")'
        return sql, [*of_column, *of_value]


@NameField.register_lookup
class _Exact(_Ascii, IExact):
    pass


@NameField.register_lookup
class _StartsWith(_Ascii, IStartsWith):
    operator = "LIKE"


@AddressField.register_lookup
class _ExactAddress(_Ascii, IExact):
    def get_prep_lookup(self) -> Any:
        value = super().get_prep_lookup()
        return value.lower() if isinstance(value, str) else value
