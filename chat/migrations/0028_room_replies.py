"""The setting of a room that says where the page lets people answer a message."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0027_forwards"),
    ]

    operations = [
        migrations.AddField(
            model_name="room",
            name="replies",
            field=models.CharField(
                choices=[("room", "To the room"), ("thread", "To a thread")],
                db_default="room",
                default="room",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="room",
            constraint=models.CheckConstraint(
                condition=models.Q(("replies__in", ["room", "thread"])), name="room_replies_known"
            ),
        ),
    ]
