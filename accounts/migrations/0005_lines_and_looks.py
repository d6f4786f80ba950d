"""Names, notes and tokens are lines; whose name looks like another's is noted."""

from collections import defaultdict
from typing import Any

from django.db import migrations, models

import accounts.fields
import accounts.validators
from accounts.namesakes import looks_of
from accounts.oneline import repaired
from accounts.validators import is_erased


def repair(apps: Any, _schema_editor: Any) -> None:
    """Take out of names and notes what is not seen, and note what each name looks like."""
    User, Token, Invitation = (apps.get_model("accounts", name) for name in ("User", "ApiToken", "Invitation"))
    alike: dict[str, set[int]] = defaultdict(set)
    for user in User.objects.only("username", "display_name").iterator():
        if not is_erased(user.username):
            user.display_name = repaired(user.display_name)
        user.name_look, user.username_look = looks_of(username=user.username, display_name=user.display_name)
        user.save(update_fields=["display_name", "name_look", "username_look"])
        for look in {user.name_look, user.username_look} - {""}:
            alike[look].add(user.pk)
    for look, people in alike.items():
        if len(people) > 1:
            User.objects.filter(name_look=look, pk__in=people).update(name_shared=True)
    for model, field, without in ((Token, "name", "token"), (Invitation, "note", "")):
        for row in model.objects.only(field).iterator():
            kept, line = getattr(row, field), repaired(getattr(row, field)) or without
            if kept != line:
                model.objects.filter(pk=row.pk).update(**{field: line})


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_names_without_case"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="name_look",
            field=models.CharField(db_default="", db_index=True, default="", editable=False, max_length=255),
        ),
        migrations.AddField(
            model_name="user",
            name="name_shared",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AddField(
            model_name="user",
            name="username_look",
            field=models.CharField(db_default="", db_index=True, default="", editable=False, max_length=64),
        ),
        migrations.AlterField(
            model_name="apitoken",
            name="name",
            field=accounts.fields.LineField(max_length=64),
        ),
        migrations.AlterField(
            model_name="invitation",
            name="note",
            field=accounts.fields.LineField(blank=True, help_text="Who it is for.", max_length=64),
        ),
        migrations.AlterField(
            model_name="user",
            name="display_name",
            field=accounts.fields.LineField(
                blank=True, max_length=64, validators=[accounts.validators.validate_free_name]
            ),
        ),
        migrations.RunPython(repair, migrations.RunPython.noop, elidable=True),
    ]
