"""Formats of dates in place of those of Django, by language."""
