"""The cast in a private garden."""

from support.cast import alice, bob, charlie, garden

__all__ = ["alice", "bob", "charlie", "garden"]
