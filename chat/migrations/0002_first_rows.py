"""The rows every server starts with: its epoch, and a room to meet in."""

from typing import Any

from django.db import migrations


def create(apps: Any, schema_editor: Any) -> None:
    apps.get_model("chat", "ServerState").objects.get_or_create(id=1)
    apps.get_model("chat", "Room").objects.get_or_create(
        slug="lobby", defaults={"title": "Lobby", "topic": "Where everybody meets", "kind": "public"}
    )


class Migration(migrations.Migration):
    dependencies = [("chat", "0001_initial")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
