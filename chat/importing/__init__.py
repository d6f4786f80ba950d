"""Readers of other chats' exports: each turns an archive into one neutral stream of people, rooms and messages.

Nothing here knows the database; `chat.services.imports` writes what the readers yield.
"""
