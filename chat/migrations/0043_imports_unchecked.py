"""PostgreSQL looks up neither the room nor the run of each message that an import writes."""

import django.db.models.deletion
from django.db import migrations, models


def _key(to: str) -> models.ForeignKey:
    return models.ForeignKey(
        to, on_delete=django.db.models.deletion.CASCADE, db_constraint=False, related_name="messages"
    )


class Migration(migrations.Migration):
    dependencies = [("chat", "0042_search_by_period")]

    operations = [
        migrations.AlterField("importedmessage", "place", _key("chat.importedroom")),
        migrations.AlterField("importedmessage", "run", _key("chat.importrun")),
    ]
