"""The TypeScript declarations of the protocol match the models."""

from pathlib import Path

from django.conf import settings

from chat.protocol.schema import typescript


def test_the_declarations_of_the_page_are_current() -> None:
    """`manage.py wiretypes` generates them."""
    assert (
        Path(settings.BASE_DIR) / "chat" / "static" / "chat" / "js" / "types" / "wire.d.ts"
    ).read_text() == typescript()


def test_a_field_that_is_left_out_at_times_is_optional_and_one_that_is_null_is_not() -> None:
    declared = typescript()
    message = declared.partition("export interface Message {")[2].partition("}")[0]
    assert "  edited_at: string | null;" in message
    assert "  was_system?: boolean;" in message
    assert "  reactions: Record<string, string[]>;" in message
    error = declared.partition("export interface Error {")[2].partition("}")[0]
    assert "  retry_after?: number;" in error
