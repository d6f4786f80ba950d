"""Signals of this app."""

from django.dispatch import Signal

# After the commit: what these people may do has changed. Argument: user_ids (frozenset of int).
access_changed = Signal()
# An account is about to be closed: lock what its closing will change, before any row of a person. In its transaction,
# possibly more than once. Argument: user.
account_closing = Signal()
# Its row was closed, in the same transaction. Argument: user.
account_closed = Signal()
# After the commit: the names these people are shown by have changed. Argument: user_ids (frozenset of int).
names_changed = Signal()
