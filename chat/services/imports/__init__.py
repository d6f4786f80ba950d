"""Writing what the readers of `chat.importing` yield: sorted aside, then in batches, room by room."""
