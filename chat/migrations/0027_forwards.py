"""Messages that forward others, and files that show the bytes of others."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0026_message_versions"),
    ]

    operations = [
        migrations.CreateModel(
            name="Forward",
            fields=[
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="forward",
                        serialize=False,
                        to="chat.message",
                    ),
                ),
                ("seq", models.PositiveBigIntegerField()),
                ("written_at", models.DateTimeField()),
                ("start", models.PositiveIntegerField()),
            ],
        ),
        migrations.AddField(
            model_name="file",
            name="counted",
            field=models.BooleanField(db_default=True, default=True),
        ),
        migrations.AddField(
            model_name="file",
            name="stored_as",
            field=models.CharField(blank=True, db_default="", default="", max_length=22),
        ),
        migrations.AddField(
            model_name="message",
            name="forwarded",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name="file",
            index=models.Index(
                condition=models.Q(("stored_as", ""), _negated=True), fields=["stored_as"], name="file_stored_as"
            ),
        ),
        migrations.AddField(
            model_name="forward",
            name="author",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="chat.participant",
            ),
        ),
        migrations.AddField(
            model_name="forward",
            name="room",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="chat.room",
            ),
        ),
    ]
