"""Searching, as text alone: what a message is found by, how a query is read, and where it matches. No database."""
