"""When the names of an account last changed: open pages are sent the new ones."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0005_lines_and_looks"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="named_at",
            field=models.DateTimeField(db_index=True, editable=False, null=True),
        ),
    ]
