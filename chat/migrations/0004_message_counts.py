"""Counts what is unread without reading what was said: what does not count is found by index."""

from django.db import migrations, models

from chat.migrations._indexes import AddIndexBesideWriters


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("chat", "0003_message_system_lines")]
    operations = [
        AddIndexBesideWriters(
            model_name="message",
            index=models.Index(
                fields=["room", "seq"],
                condition=models.Q(system__isnull=False) | models.Q(deleted_at__isnull=False),
                name="message_uncounted",
            ),
        ),
        migrations.AddField("membership", "back_from_seq", models.PositiveBigIntegerField(default=0, db_default=0)),
    ]
