"""Pushes of reactions to one's own messages, and sounds by what a notification is about. An older process that has the
work of notifications withdraws pushes of reactions."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0036_room_deletion"),
    ]

    operations = [
        migrations.AddField(
            model_name="attention",
            name="reactions",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="attention",
            name="silent",
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="pushdelivery",
            name="reaction",
            field=models.PositiveBigIntegerField(editable=False, null=True),
        ),
        migrations.AlterField(
            model_name="pushdelivery",
            name="kind",
            field=models.CharField(
                choices=[
                    ("notification", "Notification"),
                    ("read", "Read"),
                    ("test", "Test"),
                    ("reminder", "Reminder"),
                    ("reaction", "Reaction"),
                ],
                default="notification",
                max_length=12,
            ),
        ),
    ]
