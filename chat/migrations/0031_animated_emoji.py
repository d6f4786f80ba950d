"""When emoji that move are played, as each person chooses."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0030_import_rooms"),
    ]

    operations = [
        migrations.AddField(
            model_name="preferences",
            name="animated_emoji",
            field=models.CharField(
                choices=[("auto", "Automatic"), ("always", "Always"), ("hover", "On hover"), ("never", "Never")],
                db_default="auto",
                default="auto",
                max_length=6,
            ),
        ),
    ]
