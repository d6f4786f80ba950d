from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0008_tokens_end_together"),
    ]

    operations = [
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
                ],
                max_length=16,
            ),
        ),
    ]
