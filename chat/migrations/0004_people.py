"""Statuses and profiles, blocks, reports, group conversations, scopes of tokens, and mentions of many people."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import chat.lib.fields


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0003_search"),
    ]

    operations = [
        migrations.CreateModel(
            name="Block",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
        ),
        migrations.CreateModel(
            name="Profile",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="profile",
                        serialize=False,
                        to="chat.participant",
                    ),
                ),
                ("pronouns", chat.lib.fields.LineField(blank=True, max_length=32)),
                ("title", chat.lib.fields.LineField(blank=True, max_length=64)),
                ("about", chat.lib.fields.LineField(blank=True, max_length=160)),
                ("time_zone", models.CharField(blank=True, max_length=64)),
                ("phone", chat.lib.fields.LineField(blank=True, max_length=32)),
                ("status_emoji", models.CharField(blank=True, max_length=32)),
                ("status_text", chat.lib.fields.LineField(blank=True, max_length=80)),
                ("status_until", models.DateTimeField(blank=True, null=True)),
                (
                    "presence",
                    models.CharField(
                        choices=[("auto", "Active"), ("away", "Away"), ("busy", "Do not disturb")],
                        default="auto",
                        max_length=4,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.PositiveBigIntegerField()),
                ("author", models.CharField(max_length=32)),
                ("text", models.TextField(blank=True)),
                ("reason", chat.lib.fields.LineField(max_length=500)),
                ("context", models.JSONField(default=list)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("deleted", "Message deleted"),
                            ("muted", "Author muted"),
                            ("banned", "Author banned"),
                            ("dismissed", "Dismissed"),
                        ],
                        default="",
                        max_length=9,
                    ),
                ),
                ("handled_by", models.CharField(blank=True, default="", max_length=32)),
                ("handled_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="room",
            name="room_kind_known",
        ),
        migrations.RemoveConstraint(
            model_name="room",
            name="room_direct_slug_reserved",
        ),
        migrations.AddField(
            model_name="apitoken",
            name="scopes",
            field=models.CharField(db_default="read write moderate", default="read write moderate", max_length=32),
        ),
        migrations.AddField(
            model_name="mention",
            name="called",
            field=models.CharField(blank=True, db_default="", default="", max_length=8),
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
                ],
                max_length=16,
            ),
        ),
        migrations.AlterField(
            model_name="room",
            name="kind",
            field=models.CharField(
                choices=[("public", "Public"), ("private", "Private"), ("direct", "Direct"), ("group", "Group")],
                default="public",
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="room",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["public", "private", "direct", "group"])), name="room_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="room",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ["direct", "group"]), ("slug__startswith", "dm-")),
                    models.Q(
                        models.Q(("kind__in", ["direct", "group"]), _negated=True),
                        models.Q(("slug__istartswith", "dm-"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="room_direct_slug_reserved",
            ),
        ),
        migrations.AddField(
            model_name="block",
            name="blocked",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="chat.participant"
            ),
        ),
        migrations.AddField(
            model_name="block",
            name="user",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="blocks", to="chat.participant"
            ),
        ),
        migrations.AddIndex(
            model_name="profile",
            index=models.Index(
                condition=models.Q(("presence", "auto"), _negated=True), fields=["user"], name="profile_not_auto"
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="reporter",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="chat.participant"
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="room",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="reports", to="chat.room"
            ),
        ),
        migrations.AddConstraint(
            model_name="block",
            constraint=models.UniqueConstraint(fields=("user", "blocked"), name="block_once"),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(condition=models.Q(("outcome", "")), fields=["room", "id"], name="report_open"),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(fields=("reporter", "room", "seq"), name="report_once"),
        ),
    ]
