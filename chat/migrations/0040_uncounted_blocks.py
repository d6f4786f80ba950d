"""Counts of the messages that do not count as unread, by blocks of a room. A sweep makes them, from the first message
of each room on; what a process of the version before deletes is counted with them again after a day."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0039_room_addresses"),
    ]

    operations = [
        migrations.AddField(
            model_name="room",
            name="counted_blocks",
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.CreateModel(
            name="UncountedBlock",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "room",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="chat.room",
                    ),
                ),
                ("number", models.PositiveIntegerField()),
                ("uncounted", models.PositiveIntegerField()),
                ("counted_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("room", "number"), name="uncounted_block_once")],
            },
        ),
    ]
