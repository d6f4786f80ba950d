"""The thread in which a mention was made, beside the mention, so that an index alone says how often threads name a
person. A sweep looks up those that are there, and those that processes of the version before still write."""

from django.db import migrations, models

from chat.migrations._indexes import AddIndexBesideWriters


class Migration(migrations.Migration):
    # Indexes of mentions are made beside those who write.
    atomic = False

    dependencies = [
        ("chat", "0040_uncounted_blocks"),
    ]

    operations = [
        migrations.AddField(
            model_name="mention",
            name="thread",
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="mention",
            name="hidden",
            field=models.BooleanField(db_default=False, default=False),
        ),
        AddIndexBesideWriters(
            model_name="mention",
            index=models.Index(
                condition=models.Q(("thread__gt", 0)),
                fields=["user", "room", "thread", "seq", "hidden"],
                name="mention_in_thread",
            ),
        ),
        AddIndexBesideWriters(
            model_name="mention",
            index=models.Index(
                condition=models.Q(("thread__isnull", True)), fields=["user"], name="mention_without_thread"
            ),
        ),
    ]
