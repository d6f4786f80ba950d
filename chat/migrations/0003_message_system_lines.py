"""Finds the lines that say who came and went without reading what was said."""

from django.db import migrations, models

from chat.migrations._indexes import AddIndexBesideWriters


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("chat", "0002_first_rows")]
    operations = [
        AddIndexBesideWriters(
            model_name="message",
            index=models.Index(fields=["room"], condition=models.Q(system__isnull=False), name="message_system_lines"),
        )
    ]
