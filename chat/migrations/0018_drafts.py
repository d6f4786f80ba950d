"""What people have begun to write, on all their devices."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0017_message_pins"),
    ]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="drafting",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.CreateModel(
            name="KeptDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("thread", models.PositiveBigIntegerField(blank=True, null=True)),
                ("text", models.TextField(blank=True)),
                ("at", models.DateTimeField()),
                (
                    "membership",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="drafts", to="chat.membership"
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
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("thread", None)), fields=("membership",), name="draft_once_in_room"
                    ),
                    models.UniqueConstraint(fields=("membership", "thread"), name="draft_once_in_thread"),
                ],
            },
        ),
    ]
