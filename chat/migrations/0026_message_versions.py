"""Earlier texts of edited messages, and the setting of a room that says who reads them."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0025_saved_messages"),
    ]

    operations = [
        migrations.CreateModel(
            name="MessageVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", models.TextField()),
                ("written_at", models.DateTimeField()),
                ("replaced_at", models.DateTimeField()),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.AddField(
            model_name="room",
            name="edit_history",
            field=models.CharField(
                choices=[
                    ("off", "Not kept"),
                    ("moderators", "For author and moderators"),
                    ("members", "For all members"),
                ],
                db_default="moderators",
                default="moderators",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="room",
            constraint=models.CheckConstraint(
                condition=models.Q(("edit_history__in", ["off", "moderators", "members"])),
                name="room_edit_history_known",
            ),
        ),
        migrations.AddField(
            model_name="messageversion",
            name="message",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="versions", to="chat.message"
            ),
        ),
        migrations.AddIndex(
            model_name="messageversion",
            index=models.Index(fields=["replaced_at"], name="version_age"),
        ),
    ]
