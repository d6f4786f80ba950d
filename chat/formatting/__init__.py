"""Messages as they are shown: docs/formatting.md."""
