"""People of imports who are people here."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import chat.models.import_matches


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0037_reaction_pushes"),
    ]

    operations = [
        migrations.CreateModel(
            name="PersonMatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("moving", "Moving"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("returning", "Returning"),
                            ("undone", "Undone"),
                        ],
                        default="moving",
                        max_length=9,
                    ),
                ),
                ("done", models.PositiveBigIntegerField(default=0)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("problem", models.CharField(blank=True, default="", max_length=200)),
                ("moved", models.JSONField(default=chat.models.import_matches._nothing)),
                ("created_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="chat.participant"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="chat.participant",
                    ),
                ),
                (
                    "imported",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="chat.participant"
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "person matches",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="MatchedPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("author", "Author"), ("reaction", "Reaction"), ("text", "Text")], max_length=8
                    ),
                ),
                ("before", models.TextField(blank=True, default="")),
                ("doubled", models.BooleanField(default=False)),
                (
                    "message",
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="chat.message"),
                ),
                (
                    "match",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="chat.personmatch"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="personmatch",
            index=models.Index(
                condition=models.Q(("state__in", ["moving", "returning"])), fields=["state"], name="person_match_work"
            ),
        ),
        migrations.AddConstraint(
            model_name="personmatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["moving", "done", "failed", "returning", "undone"])),
                name="person_match_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="personmatch",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "undone"), _negated=True), fields=("imported",), name="person_match_once"
            ),
        ),
    ]
