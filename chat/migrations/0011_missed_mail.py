"""E-mails of missed messages: when a person wishes them, to which address, and which messages wait for one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0010_search_by_second"),
    ]

    operations = [
        migrations.AddField(
            model_name="attention",
            name="mail",
            field=models.CharField(
                choices=[
                    ("never", "Never"),
                    ("15m", "After 15 minutes"),
                    ("1h", "After 1 hour"),
                    ("daily", "Once a day at 08:00"),
                ],
                db_default="never",
                default="never",
                max_length=5,
            ),
        ),
        migrations.AddField(
            model_name="attention",
            name="mail_verified",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=254),
        ),
        migrations.AddField(
            model_name="attention",
            name="mail_sent_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="notification",
            name="mail",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddIndex(
            model_name="notification",
            index=models.Index(condition=models.Q(("mail", True)), fields=["user"], name="notification_mail"),
        ),
    ]
