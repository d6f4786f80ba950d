"""The settings of a room that say who may mention all members, and who may add people."""

from django.db import migrations, models

_CHOICES = [("everyone", "Everybody"), ("moderators", "Moderators only")]


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0033_texts_dropped_in_batches"),
    ]

    operations = [
        migrations.AddField(
            model_name="room",
            name="calling",
            field=models.CharField(choices=_CHOICES, db_default="moderators", default="moderators", max_length=10),
        ),
        migrations.AddField(
            model_name="room",
            name="adding",
            field=models.CharField(choices=_CHOICES, db_default="everyone", default="everyone", max_length=10),
        ),
        migrations.AddConstraint(
            model_name="room",
            constraint=models.CheckConstraint(
                condition=models.Q(("calling__in", ["everyone", "moderators"])), name="room_calling_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="room",
            constraint=models.CheckConstraint(
                condition=models.Q(("adding__in", ["everyone", "moderators"])), name="room_adding_known"
            ),
        ),
    ]
