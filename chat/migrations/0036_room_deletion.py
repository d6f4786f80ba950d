"""When an archived room is deleted for good."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0035_transfer_rates"),
    ]

    operations = [
        migrations.AddField(
            model_name="room",
            name="delete_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="room",
            index=models.Index(
                condition=models.Q(("delete_at__isnull", False)), fields=["delete_at"], name="room_delete_at"
            ),
        ),
    ]
