"""Servers of others, in the few lines that their own documentation shows."""
