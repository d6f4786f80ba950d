"""Facts of a room that its owners set: description, who may write, slow mode, how long messages are kept."""

from django.db import migrations, models

from chat.migrations._indexes import AddIndexBesideWriters


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("chat", "0008_membership_notifications")]
    operations = [
        migrations.AddField(
            "ban", "by", models.CharField(blank=True, default="", db_default="", editable=False, max_length=32)
        ),
        migrations.AddField("membership", "posted_at", models.DateTimeField(blank=True, editable=False, null=True)),
        migrations.AddField(
            "room", "description", models.TextField(blank=True, default="", db_default="", max_length=1000)
        ),
        migrations.AddField("room", "keep_days", models.PositiveIntegerField(db_default=0, default=0)),
        migrations.AddField(
            "room",
            "posting",
            models.CharField(
                choices=[("everyone", "Everybody"), ("moderators", "Moderators only")],
                db_default="everyone",
                default="everyone",
                max_length=10,
            ),
        ),
        migrations.AddField("room", "slow_seconds", models.PositiveIntegerField(db_default=0, default=0)),
        AddIndexBesideWriters(
            model_name="auditentry",
            index=models.Index(condition=~models.Q(room=""), fields=["room", "id"], name="audit_of_room"),
        ),
        migrations.AddConstraint(
            model_name="room",
            constraint=models.CheckConstraint(
                condition=models.Q(posting__in=["everyone", "moderators"]), name="room_posting_known"
            ),
        ),
    ]
