"""The cast in a private garden."""

from tests.support.cast import alice, bob, garden

__all__ = ["alice", "bob", "garden"]
