"""Checks of the stored data (numbers, marks, copied facts, files, the search index), and their repair."""
