from django.db import migrations, models

import chat.lib.fields


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_invitations_for_several"),
    ]

    operations = [
        migrations.CreateModel(
            name="Workspace",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", chat.lib.fields.LineField(blank=True, default="", max_length=64)),
                (
                    "signup",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("open", "Anyone with the address"),
                            ("invite", "With an invitation"),
                            ("closed", "Nobody"),
                        ],
                        default="",
                        max_length=8,
                    ),
                ),
                (
                    "who_invites",
                    models.CharField(
                        blank=True,
                        choices=[("administrators", "Administrators"), ("everyone", "Everybody")],
                        default="",
                        max_length=16,
                    ),
                ),
                ("welcomed_at", models.DateTimeField(blank=True, editable=False, null=True)),
            ],
        ),
        migrations.AddField(
            model_name="invitation",
            name="email",
            field=models.EmailField(blank=True, db_default="", default="", editable=False, max_length=254),
        ),
        migrations.AddField(
            model_name="user",
            name="first_steps",
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
    ]
