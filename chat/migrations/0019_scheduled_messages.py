"""Messages that are sent later, their files, and the lease of what posts them."""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0018_drafts"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="notificationwork",
            name="notification_work_single",
        ),
        migrations.AddConstraint(
            model_name="notificationwork",
            constraint=models.CheckConstraint(condition=models.Q(("id__in", [1, 2])), name="notification_work_known"),
        ),
        migrations.AddField(
            model_name="file",
            name="waits_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.CreateModel(
            name="ScheduledMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("text", models.TextField(blank=True)),
                ("reply_to", models.PositiveBigIntegerField(blank=True, null=True)),
                ("files", models.JSONField(blank=True, default=list)),
                ("local", models.CharField(max_length=19)),
                ("zone", models.CharField(max_length=64)),
                ("fold", models.PositiveSmallIntegerField(default=0)),
                ("due_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Waiting"), ("sending", "Sending"), ("refused", "Refused")],
                        default="waiting",
                        max_length=7,
                    ),
                ),
                ("code", models.CharField(blank=True, max_length=20)),
                ("problem", models.CharField(blank=True, max_length=300)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "room",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="chat.room"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="chat.participant"
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("state__in", ["waiting", "sending"])),
                        fields=["due_at"],
                        name="scheduled_due",
                    )
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "sending", "refused"])),
                        name="scheduled_state_known",
                    )
                ],
            },
        ),
    ]
