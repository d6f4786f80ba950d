"""What an import makes of the rooms of the export."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0029_import_uploads"),
    ]

    operations = [
        migrations.AddField(
            model_name="importjob",
            name="rooms",
            field=models.JSONField(blank=True, db_default=models.Value({}, models.JSONField()), default=dict),
        ),
    ]
