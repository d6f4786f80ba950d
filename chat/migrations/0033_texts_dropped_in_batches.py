"""Earlier texts of a room that keeps none any more are deleted in small transactions. An older process deletes them at
once, as before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0032_scheduled_in_threads"),
    ]

    operations = [
        migrations.AddField(
            model_name="room",
            name="drop_versions_until",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="room",
            index=models.Index(
                condition=models.Q(("drop_versions_until__isnull", False)), fields=["id"], name="room_dropping_versions"
            ),
        ),
    ]
