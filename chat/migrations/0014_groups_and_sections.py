import django.core.validators
import django.db.models.functions.datetime
from django.db import migrations, models

import chat.lib.fields


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0013_pictures"),
    ]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="hidden_seq",
            field=models.PositiveBigIntegerField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="membership",
            name="section",
            field=chat.lib.fields.LineField(blank=True, db_default="", default="", editable=False, max_length=40),
        ),
        migrations.AddField(
            model_name="membership",
            name="starred",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AlterField(
            model_name="auditentry",
            name="action",
            field=models.CharField(
                choices=[
                    ("clear", "Clear"),
                    ("kick", "Kick"),
                    ("ban", "Ban"),
                    ("unban", "Unban"),
                    ("mute", "Mute"),
                    ("unmute", "Unmute"),
                    ("topic", "Topic"),
                    ("role", "Role"),
                    ("delete_message", "Delete Message"),
                    ("edit_message", "Edit Message"),
                    ("room", "Room"),
                    ("broadcast", "Broadcast"),
                    ("disconnect", "Disconnect"),
                    ("report", "Report"),
                    ("export", "Export"),
                    ("import", "Import"),
                    ("workspace", "Workspace"),
                    ("person", "Person"),
                    ("group", "Group of people"),
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="mention",
            name="called",
            field=models.CharField(blank=True, db_default="", default="", max_length=32),
        ),
        migrations.CreateModel(
            name="PeopleGroup",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "handle",
                    models.CharField(
                        max_length=32,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[a-z0-9](?:[a-z0-9_.-]{0,30}[a-z0-9])?\\Z",
                                "Use 1 to 32 letters (a to z), digits, hyphens, dots.",
                            )
                        ],
                    ),
                ),
                ("title", chat.lib.fields.LineField(blank=True, max_length=64)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("people", models.ManyToManyField(blank=True, related_name="people_groups", to="chat.participant")),
            ],
            options={
                "ordering": ["handle"],
            },
        ),
    ]
