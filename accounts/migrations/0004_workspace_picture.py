"""The picture of the workspace."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_workspace"),
    ]

    operations = [
        migrations.AddField(
            model_name="workspace",
            name="picture",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=22),
        ),
    ]
