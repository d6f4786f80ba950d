"""How fast exports and imports go. An older process writes none, and says no time left."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0034_calling_and_adding"),
    ]

    operations = [
        migrations.AddField(
            model_name="export",
            name="rate",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="export",
            name="total",
            field=models.PositiveBigIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="importjob",
            name="rate",
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
    ]
