"""Invitations for several people, and into rooms."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="invitation",
            name="rooms",
            field=models.TextField(blank=True, db_default="", default="", editable=False),
        ),
        migrations.AddField(
            model_name="invitation",
            name="used",
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name="invitation",
            name="uses_max",
            field=models.PositiveIntegerField(blank=True, db_default=1, default=1, null=True),
        ),
    ]
