"""Names that are written as if they held a username are shown with the true one."""

from typing import Any

from django.db import migrations

from accounts.namesakes import names_an_account


def mark(apps: Any, _schema_editor: Any) -> None:
    User = apps.get_model("accounts", "User")
    # What is left of a deleted account has no look.
    User.objects.filter(names_an_account()).exclude(name_look="").update(name_shared=True)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0006_named_at"),
    ]

    operations = [
        migrations.RunPython(mark, migrations.RunPython.noop, elidable=True),
    ]
