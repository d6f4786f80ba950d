"""Detects the type of an uploaded file, and makes a harmless copy in a separate process with limits."""
