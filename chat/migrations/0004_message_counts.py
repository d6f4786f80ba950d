"""Counts what is unread without reading what was said: what does not count, and one's own messages, by index."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from chat.migrations._indexes import AddIndexBesideWriters, DropIndexOfField


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("chat", "0003_message_system_lines")]
    operations = [
        AddIndexBesideWriters(
            model_name="message",
            index=models.Index(
                fields=["room", "seq"],
                condition=models.Q(system__isnull=False) | models.Q(deleted_at__isnull=False),
                name="message_uncounted",
            ),
        ),
        AddIndexBesideWriters(
            model_name="message",
            index=models.Index(fields=["author", "room", "seq"], name="message_by_author"),
        ),
        # The index above begins with the author as well.
        DropIndexOfField(
            model_name="message",
            name="author",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="messages",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
