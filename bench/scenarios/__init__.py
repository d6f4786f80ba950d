"""The scenarios: one file for each question about a chat server."""
