"""Reactions that are drawn the same become one; who reacted with both forms keeps one reaction."""

from typing import Any

from django.db import migrations, transaction

from chat.protocol.emoji import one_form


def unite(apps: Any, schema_editor: Any) -> None:
    reactions = apps.get_model("chat", "Reaction").objects.using(schema_editor.connection.alias)
    for emoji in reactions.values_list("emoji", flat=True).distinct().order_by("emoji"):
        form = one_form(emoji)
        if form == emoji:
            continue
        with transaction.atomic(using=schema_editor.connection.alias):
            for reaction in reactions.filter(emoji=emoji).select_for_update().iterator():
                there = reactions.filter(message_id=reaction.message_id, user_id=reaction.user_id, emoji=form)
                if len(form) > MOST or there.exists():
                    reaction.delete()
                else:
                    reactions.filter(pk=reaction.pk).update(emoji=form)


# What the column holds.
MOST = 32


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("chat", "0004_message_counts")]
    operations = [migrations.RunPython(unite, migrations.RunPython.noop, elidable=True)]
