"""When the mute of a room ends by itself."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0011_missed_mail"),
    ]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="quiet_until",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddIndex(
            model_name="membership",
            index=models.Index(
                condition=models.Q(("quiet_until__isnull", False)),
                fields=["quiet_until"],
                name="membership_quiet_until",
            ),
        ),
    ]
