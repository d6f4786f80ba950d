"""The formatting of messages: docs/formatting.md."""
