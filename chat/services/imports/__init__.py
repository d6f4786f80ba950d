"""Writing what the readers of `chat.importing` yield: staged first, then written in batches, room by room."""
