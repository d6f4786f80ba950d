"""Addresses of rooms that change, beside slugs, which do not, and an emoji in the place of a room's picture. Processes
of the version before go on making rooms: the columns have values in the database."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0038_import_matches"),
    ]

    operations = [
        migrations.AddField(
            model_name="room",
            name="address",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="room",
            name="emoji",
            field=models.CharField(blank=True, db_default="", default="", max_length=32),
        ),
        migrations.CreateModel(
            name="RoomAddress",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "address",
                    models.CharField(
                        max_length=64,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[A-Za-z0-9_-]{1,64}\\Z", "Use 1 to 64 letters, digits, hyphens or underscores."
                            )
                        ],
                    ),
                ),
                (
                    "room",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="addresses", to="chat.room"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "room addresses",
            },
        ),
    ]
