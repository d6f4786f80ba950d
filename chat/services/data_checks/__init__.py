"""Checks of what is stored: numbers, marks, copies of facts, files and the search index, and their repair."""
