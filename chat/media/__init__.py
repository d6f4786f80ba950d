"""What an uploaded file is, and a copy of it that is harmless: made in a process of its own, with limits."""
