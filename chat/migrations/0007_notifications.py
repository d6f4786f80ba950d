"""What people wish of notifications, their devices, and the queue of what is to be sent."""

from typing import Any

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import chat.lib.fields
import chat.models.notifications


def begin(apps: Any, schema_editor: Any) -> None:
    """What was posted before this version is not notified."""
    alias = schema_editor.connection.alias
    apps.get_model("chat", "NotificationWork").objects.using(alias).get_or_create(pk=1)
    cursors, rooms = apps.get_model("chat", "NotificationCursor"), apps.get_model("chat", "Room")
    heads = rooms.objects.using(alias).order_by("pk").values_list("pk", "last_seq", "last_rev")
    cursors.objects.using(alias).bulk_create(
        (cursors(room_id=pk, seq=seq, rev=rev) for pk, seq, rev in heads.iterator()), batch_size=1_000
    )


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0006_imports"),
    ]

    operations = [
        migrations.CreateModel(
            name="Attention",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="attention",
                        serialize=False,
                        to="chat.participant",
                    ),
                ),
                ("threads", models.BooleanField(default=True)),
                ("keywords", models.JSONField(blank=True, default=chat.models.notifications._no_words)),
                ("quiet", models.BooleanField(default=False)),
                ("quiet_start", models.PositiveSmallIntegerField(default=1080)),
                ("quiet_end", models.PositiveSmallIntegerField(default=480)),
                ("quiet_days", models.PositiveSmallIntegerField(default=127)),
                ("zone", models.CharField(default="UTC", max_length=64)),
                ("direct_in_quiet", models.BooleanField(default=False)),
                ("paused_until", models.DateTimeField(blank=True, null=True)),
                (
                    "shown",
                    models.CharField(
                        choices=[
                            ("all", "Name and text"),
                            ("name", "Name only"),
                            ("nothing", "Nothing but “New message”"),
                        ],
                        default="all",
                        max_length=7,
                    ),
                ),
                ("language", models.CharField(default="en", max_length=8)),
            ],
            options={
                "verbose_name_plural": "attention",
            },
        ),
        migrations.CreateModel(
            name="NotificationCursor",
            fields=[
                (
                    "room",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="notification_cursor",
                        serialize=False,
                        to="chat.room",
                    ),
                ),
                ("seq", models.PositiveBigIntegerField(default=0)),
                ("rev", models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.PositiveBigIntegerField()),
                ("reason", models.CharField(max_length=7)),
                ("created_at", models.DateTimeField()),
                ("shown", models.BooleanField(default=False)),
                (
                    "room",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="chat.room"),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="chat.participant"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="NotificationWork",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ("epoch", models.UUIDField(null=True)),
                ("holder", models.UUIDField(null=True)),
                ("expires_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="notification_work_single")],
            },
        ),
        migrations.CreateModel(
            name="PushSubscription",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("endpoint", models.CharField(max_length=1000, unique=True)),
                ("p256dh", models.CharField(max_length=100)),
                ("auth", models.CharField(max_length=32)),
                ("name", chat.lib.fields.LineField(blank=True, max_length=64)),
                ("user_agent", models.CharField(blank=True, editable=False, max_length=200)),
                ("language", models.CharField(default="en", editable=False, max_length=8)),
                ("public_key", models.CharField(editable=False, max_length=100)),
                ("kind", models.CharField(editable=False, max_length=8)),
                ("key", models.CharField(editable=False, max_length=255)),
                ("access_rev", models.PositiveBigIntegerField(default=0, editable=False)),
                ("expires_at", models.DateTimeField(editable=False, null=True)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("sent_at", models.DateTimeField(editable=False, null=True)),
                ("ended_at", models.DateTimeField(editable=False, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="push_subscriptions",
                        to="chat.participant",
                    ),
                ),
            ],
            options={
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="PushDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("notification", "Notification"), ("read", "Read"), ("test", "Test")],
                        default="notification",
                        max_length=12,
                    ),
                ),
                ("seq", models.PositiveBigIntegerField(default=0)),
                ("created_at", models.DateTimeField()),
                ("due_at", models.DateTimeField(db_index=True)),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("short", models.BooleanField(default=False)),
                (
                    "notification",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="chat.notification",
                    ),
                ),
                (
                    "room",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="chat.room"
                    ),
                ),
                (
                    "subscription",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="chat.pushsubscription",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "push deliveries",
            },
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(condition=models.Q(("shown", True)), fields=["user", "room"], name="notification_shown"),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.UniqueConstraint(fields=("user", "room", "seq"), name="notification_once"),
        ),
        migrations.RunPython(begin, migrations.RunPython.noop),
    ]
