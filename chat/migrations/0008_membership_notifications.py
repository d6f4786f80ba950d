"""A room's notifications follow the person's own unless another choice was made; muting stands apart."""

from typing import Any

from django.db import migrations, models


def mute(apps: Any, schema_editor: Any) -> None:
    """The button that muted a room chose mentions."""
    memberships = apps.get_model("chat", "Membership").objects.using(schema_editor.connection.alias)
    memberships.filter(notify="mentions").update(muted=True)


class Migration(migrations.Migration):
    dependencies = [("chat", "0007_lines")]
    operations = [
        migrations.AddField("membership", "loud", models.BooleanField(default=False, db_default=False)),
        migrations.AddField("membership", "muted", models.BooleanField(default=False, db_default=False)),
        migrations.RunPython(mute, migrations.RunPython.noop, elidable=True),
    ]
