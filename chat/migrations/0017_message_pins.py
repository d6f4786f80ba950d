"""Pins of messages: who pinned one and when, and the list of each room."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0016_link_previews"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="pinned_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="message",
            name="pinned_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="chat.participant",
            ),
        ),
        migrations.AddField(
            model_name="room",
            name="pinning",
            field=models.CharField(
                choices=[("everyone", "Everybody"), ("moderators", "Moderators only")],
                db_default="moderators",
                default="moderators",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="room",
            name="pins",
            field=models.JSONField(db_default=models.Value([], models.JSONField()), default=list, editable=False),
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
                    ("pin_message", "Pin Message"),
                    ("unpin_message", "Unpin Message"),
                    ("export", "Export"),
                    ("import", "Import"),
                    ("workspace", "Workspace"),
                    ("person", "Person"),
                    ("group", "Group of people"),
                    ("retention", "Retention"),
                    ("hold", "Legal hold"),
                    ("release", "End of a legal hold"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="room",
            constraint=models.CheckConstraint(
                condition=models.Q(("pinning__in", ["everyone", "moderators"])), name="room_pinning_known"
            ),
        ),
    ]
