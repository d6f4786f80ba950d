"""Scheduled messages that reply in a thread. What an older process schedules meanwhile goes to the room."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0031_animated_emoji"),
    ]

    operations = [
        migrations.AddField(
            model_name="scheduledmessage",
            name="in_room",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name="scheduledmessage",
            name="thread",
            field=models.PositiveBigIntegerField(blank=True, null=True),
        ),
    ]
