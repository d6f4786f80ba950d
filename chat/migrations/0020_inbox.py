"""By what the newest mentions of a person are found, and the newest reactions to their messages."""

from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import OuterRef, Subquery

from chat.migrations._indexes import AddIndexBesideWriters

STEP = 10_000


def fill_in(apps: Any, _schema_editor: Any) -> None:
    """The authors of the messages that were reacted to before, in steps that hold no writer up for long."""
    reactions, messages = apps.get_model("chat", "Reaction").objects, apps.get_model("chat", "Message").objects
    last = reactions.order_by("-pk").values_list("pk", flat=True).first() or 0
    author = Subquery(messages.filter(pk=OuterRef("message")).values("author")[:1])
    for start in range(0, last + 1, STEP):
        reactions.filter(pk__gte=start, pk__lt=start + STEP, author=None).update(author=author)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("chat", "0019_scheduled_messages"),
    ]

    operations = [
        migrations.AddField(
            model_name="reaction",
            name="author",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="chat.participant",
            ),
        ),
        migrations.RunPython(fill_in, migrations.RunPython.noop),
        AddIndexBesideWriters(
            model_name="mention",
            index=models.Index(fields=["user", "id"], name="mention_newest"),
        ),
        AddIndexBesideWriters(
            model_name="reaction",
            index=models.Index(
                condition=models.Q(("author__isnull", False)), fields=["author", "id"], name="reaction_to_author"
            ),
        ),
    ]
