"""Pictures of people and rooms, and the files that they are."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("chat", "0012_quiet_until")]

    operations = [
        migrations.AddField("file", "kept", models.BooleanField(db_default=False, default=False)),
        migrations.AddField(
            "file",
            "room",
            models.ForeignKey(
                blank=True, null=True, on_delete=models.deletion.SET_NULL, related_name="+", to="chat.room"
            ),
        ),
        migrations.AddField(
            "profile", "picture", models.CharField(blank=True, db_default="", default="", max_length=22)
        ),
        migrations.AddField("room", "picture", models.CharField(blank=True, db_default="", default="", max_length=22)),
    ]
