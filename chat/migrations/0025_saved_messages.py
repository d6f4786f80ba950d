"""Messages that people save for themselves, and pushes of their reminders."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0024_threads"),
    ]

    operations = [
        migrations.AlterField(
            model_name="pushdelivery",
            name="kind",
            field=models.CharField(
                choices=[
                    ("notification", "Notification"),
                    ("read", "Read"),
                    ("test", "Test"),
                    ("reminder", "Reminder"),
                ],
                default="notification",
                max_length=12,
            ),
        ),
        migrations.CreateModel(
            name="SavedMessage",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("remind_at", models.DateTimeField(blank=True, null=True)),
                ("reminded_at", models.DateTimeField(blank=True, null=True)),
                (
                    "message",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="chat.message"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_messages",
                        to="chat.participant",
                    ),
                ),
            ],
            options={
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("remind_at__isnull", False)), fields=["remind_at"], name="saved_reminders"
                    )
                ],
                "constraints": [models.UniqueConstraint(fields=("user", "message"), name="saved_once")],
            },
        ),
    ]
