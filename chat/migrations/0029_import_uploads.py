"""Exports of other chats that are uploaded with a limit of their own, and imports that are discarded."""

from django.db import migrations, models

STATES = [
    ("checking", "Checking"),
    ("checked", "Checked"),
    ("importing", "Importing"),
    ("paused", "Paused"),
    ("done", "Done"),
    ("failed", "Failed"),
    ("undoing", "Undoing"),
    ("undone", "Undone"),
    ("dropped", "Dropped"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0028_room_replies"),
    ]

    operations = [
        migrations.AddField(
            model_name="file",
            name="archive",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name="importjob",
            name="state",
            field=models.CharField(choices=STATES, default="checking", max_length=9),
        ),
        migrations.RemoveConstraint(
            model_name="importjob",
            name="import_job_state_known",
        ),
        migrations.AddConstraint(
            model_name="importjob",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "state__in",
                        [
                            "checking",
                            "checked",
                            "importing",
                            "paused",
                            "done",
                            "failed",
                            "undoing",
                            "undone",
                            "dropped",
                        ],
                    )
                ),
                name="import_job_state_known",
            ),
        ),
    ]
