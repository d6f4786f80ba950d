"""Titles, topics and reasons are lines."""

from typing import Any

from django.db import migrations

import accounts.fields
from accounts.oneline import repaired


def repair(apps: Any, _schema_editor: Any) -> None:
    """Take out of titles, topics and reasons what is not seen."""
    for name, fields in (("Room", ["title", "topic"]), ("Ban", ["reason"])):
        model = apps.get_model("chat", name)
        for row in model.objects.only(*fields).iterator():
            changed = {field: repaired(getattr(row, field)) for field in fields}
            if any(getattr(row, field) != line for field, line in changed.items()):
                model.objects.filter(pk=row.pk).update(**changed)


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0006_slugs_without_case"),
    ]

    operations = [
        migrations.AlterField(
            model_name="ban",
            name="reason",
            field=accounts.fields.LineField(blank=True, max_length=500),
        ),
        migrations.AlterField(
            model_name="room",
            name="title",
            field=accounts.fields.LineField(blank=True, max_length=100),
        ),
        migrations.AlterField(
            model_name="room",
            name="topic",
            field=accounts.fields.LineField(blank=True, max_length=500),
        ),
        migrations.RunPython(repair, migrations.RunPython.noop, elidable=True),
    ]
