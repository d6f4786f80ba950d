"""The rows every server starts with: its epoch, a room to meet in, and the work of notifications."""

from typing import Any


def create(apps: Any, _schema_editor: Any) -> None:
    """What a database that was emptied gets again: the epoch and the room."""
    apps.get_model("chat", "ServerState").objects.get_or_create(id=1)
    apps.get_model("chat", "Room").objects.get_or_create(
        slug="lobby", defaults={"title": "Lobby", "topic": "Where everybody meets", "kind": "public"}
    )


def create_all(apps: Any, schema_editor: Any) -> None:
    """What a new database gets."""
    create(apps, schema_editor)
    apps.get_model("chat", "NotificationWork").objects.get_or_create(pk=1)
    room = apps.get_model("chat", "Room").objects.get(slug="lobby")
    apps.get_model("chat", "NotificationCursor").objects.get_or_create(room=room)
