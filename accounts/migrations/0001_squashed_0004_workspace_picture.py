import chat.lib.ascii
import chat.lib.fields
import chat.models.validators
import django.contrib.auth.models
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('accounts', '0001_initial'),
        ('accounts', '0002_invitations_for_several'),
        ('accounts', '0003_workspace'),
        ('accounts', '0004_workspace_picture'),
    ]

    initial = True

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('is_superuser', models.BooleanField(default=False, help_text='Designates that this user has all permissions without explicitly assigning them.', verbose_name='superuser status')),
                ('is_staff', models.BooleanField(default=False, help_text='Designates whether the user can log into this admin site.', verbose_name='staff status')),
                ('is_active', models.BooleanField(default=True, help_text='Designates whether this user should be treated as active. Unselect this instead of deleting accounts.', verbose_name='active')),
                ('date_joined', models.DateTimeField(default=django.utils.timezone.now, verbose_name='date joined')),
                ('username', models.CharField(error_messages={'unique': 'That username is taken.'}, max_length=32, unique=True, validators=[chat.models.validators.validate_username])),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('is_founder', models.BooleanField(default=False, editable=False)),
                ('session_generation', models.PositiveBigIntegerField(default=0, editable=False)),
                ('groups', models.ManyToManyField(blank=True, help_text='The groups this user belongs to. A user will get all permissions granted to each of their groups.', related_name='user_set', related_query_name='user', to='auth.group', verbose_name='groups')),
                ('user_permissions', models.ManyToManyField(blank=True, help_text='Specific permissions for this user.', related_name='user_set', related_query_name='user', to='auth.permission', verbose_name='user permissions')),
                ('first_steps', models.BooleanField(db_default=False, default=False, editable=False)),
            ],
            options={
                'constraints': [models.UniqueConstraint(chat.lib.ascii.AsciiLower('username'), name='user_username_without_case', violation_error_message='That username is taken.'), models.UniqueConstraint(condition=models.Q(('is_founder', True)), fields=('is_founder',), name='user_one_founder')],
            },
            managers=[
                ('objects', django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('note', chat.lib.fields.LineField(blank=True, help_text='Who it is for.', max_length=64)),
                ('code_hash', models.CharField(editable=False, max_length=64, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('used_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('created_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('used_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('rooms', models.TextField(blank=True, db_default='', default='', editable=False)),
                ('used', models.PositiveIntegerField(db_default=0, default=0, editable=False)),
                ('uses_max', models.PositiveIntegerField(blank=True, db_default=1, default=1, null=True)),
                ('email', models.EmailField(blank=True, db_default='', default='', editable=False, max_length=254)),
            ],
            options={
                'ordering': ['-created_at'],
            },
        ),
        migrations.CreateModel(
            name='Workspace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', chat.lib.fields.LineField(blank=True, default='', max_length=64)),
                ('signup', models.CharField(blank=True, choices=[('open', 'Anyone with the address'), ('invite', 'With an invitation'), ('closed', 'Nobody')], default='', max_length=8)),
                ('who_invites', models.CharField(blank=True, choices=[('administrators', 'Administrators'), ('everyone', 'Everybody')], default='', max_length=16)),
                ('welcomed_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('picture', models.CharField(blank=True, db_default='', default='', editable=False, max_length=22)),
            ],
        ),
    ]
