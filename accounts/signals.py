"""Signals of this app."""

from django.dispatch import Signal

# After the commit: what these people may do has changed. Argument: user_ids (frozenset of int).
access_changed = Signal()
