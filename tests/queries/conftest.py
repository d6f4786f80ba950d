"""The cast in a private garden."""

from tests.support.cast import alice, bob, charlie, garden

__all__ = ["alice", "bob", "charlie", "garden"]
