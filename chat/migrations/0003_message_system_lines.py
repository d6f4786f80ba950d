"""Finds the lines that say who came and went without reading what was said."""

from typing import Any

from django.db import migrations, models


class AddIndexBesideWriters(migrations.AddIndex):
    """On PostgreSQL the processes of the version before go on writing meanwhile; what a cut left half built is built
    anew."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor != "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {self.index.name}")
        schema_editor.add_index(model, self.index, concurrently=True)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("chat", "0002_first_rows")]
    operations = [
        AddIndexBesideWriters(
            model_name="message",
            index=models.Index(fields=["room"], condition=models.Q(system__isnull=False), name="message_system_lines"),
        )
    ]
