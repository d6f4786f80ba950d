
import chat.models.files
import chat.models.validators
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
import chat.lib.ascii
import chat.lib.fields
import uuid
from django.conf import settings
from django.db import migrations, models

from chat.migrations._fields import TokensField


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Participant',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('person', 'Person'), ('bot', 'Bot'), ('hook', 'Hook'), ('imported', 'Imported')], default='person', max_length=8)),
                ('username', models.CharField(error_messages={'unique': 'That username is taken.'}, max_length=32, unique=True, validators=[chat.models.validators.validate_username])),
                ('display_name', chat.lib.fields.LineField(blank=True, max_length=64, validators=[chat.models.validators.validate_free_name])),
                ('name_look', models.CharField(db_default='', db_index=True, default='', editable=False, max_length=255)),
                ('username_look', models.CharField(db_default='', db_index=True, default='', editable=False, max_length=64)),
                ('name_shared', models.BooleanField(db_default=False, default=False, editable=False)),
                ('named_at', models.DateTimeField(db_index=True, editable=False, null=True)),
                ('is_active', models.BooleanField(default=True)),
                ('is_staff', models.BooleanField(default=False)),
                ('access_rev', models.PositiveBigIntegerField(default=0, editable=False)),
                ('password_mark', models.CharField(blank=True, default='', editable=False, max_length=12)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('user', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='participant', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='ProcessLease',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('host', models.CharField(max_length=255)),
                ('pid', models.PositiveIntegerField()),
                ('started_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('expires_at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='Room',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.CharField(max_length=64, unique=True, validators=[django.core.validators.RegexValidator('\\A[A-Za-z0-9_-]{1,64}\\Z', 'Use 1 to 64 letters, digits, hyphens or underscores.')])),
                ('kind', models.CharField(choices=[('public', 'Public'), ('private', 'Private'), ('direct', 'Direct')], default='public', max_length=8)),
                ('title', chat.lib.fields.LineField(blank=True, max_length=100)),
                ('topic', chat.lib.fields.LineField(blank=True, max_length=500)),
                ('description', models.TextField(blank=True, db_default='', default='', max_length=1000)),
                ('archived', models.BooleanField(default=False)),
                ('posting', models.CharField(choices=[('everyone', 'Everybody'), ('moderators', 'Moderators only')], db_default='everyone', default='everyone', max_length=10)),
                ('slow_seconds', models.PositiveIntegerField(db_default=0, default=0)),
                ('keep_days', models.PositiveIntegerField(db_default=0, default=0)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('last_seq', models.PositiveBigIntegerField(default=0, editable=False)),
                ('last_rev', models.PositiveBigIntegerField(default=0, editable=False)),
                ('cleared_before_seq', models.PositiveBigIntegerField(default=0, editable=False)),
                ('cleared_rev', models.PositiveBigIntegerField(default=0, editable=False)),
                ('facts_rev', models.PositiveBigIntegerField(default=0, editable=False)),
            ],
            options={
                'ordering': ['slug'],
            },
        ),
        migrations.CreateModel(
            name='SearchDocument',
            fields=[
                ('number', models.BigIntegerField(primary_key=True, serialize=False)),
                ('message_id', models.BigIntegerField()),
                ('room_id', models.BigIntegerField()),
                ('tokens', TokensField()),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.CreateModel(
            name='ServerState',
            fields=[
                ('id', models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ('epoch', models.UUIDField(default=uuid.uuid4)),
            ],
            options={
                'verbose_name_plural': 'server state',
            },
        ),
        migrations.CreateModel(
            name='Ticket',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('ticket_hash', models.CharField(max_length=64, unique=True)),
                ('kind', models.CharField(max_length=8)),
                ('key', models.CharField(max_length=255)),
                ('expires_at', models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name='AuditEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), db_index=True)),
                ('actor', models.CharField(max_length=32)),
                ('action', models.CharField(choices=[('clear', 'Clear'), ('kick', 'Kick'), ('ban', 'Ban'), ('unban', 'Unban'), ('mute', 'Mute'), ('unmute', 'Unmute'), ('topic', 'Topic'), ('role', 'Role'), ('delete_message', 'Delete Message'), ('edit_message', 'Edit Message'), ('room', 'Room'), ('broadcast', 'Broadcast'), ('disconnect', 'Disconnect')], max_length=16)),
                ('room', models.CharField(blank=True, max_length=64)),
                ('target', models.CharField(blank=True, max_length=64)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('detail', models.JSONField(default=dict)),
            ],
            options={
                'verbose_name_plural': 'audit entries',
                'ordering': ['-id'],
                'indexes': [models.Index(condition=models.Q(('room', ''), _negated=True), fields=['room', 'id'], name='audit_of_room')],
                'constraints': [models.CheckConstraint(condition=models.Q(('actor', ''), _negated=True), name='audit_actor_named')],
            },
        ),
        migrations.CreateModel(
            name='Preferences',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='preferences', serialize=False, to='chat.participant')),
                ('theme', models.CharField(choices=[('system', 'System'), ('light', 'Light'), ('dark', 'Dark')], default='system', max_length=6)),
                ('density', models.CharField(choices=[('comfortable', 'Comfortable'), ('compact', 'Compact')], default='comfortable', max_length=11)),
                ('clock', models.CharField(choices=[('auto', 'Automatic'), ('24', '24 h'), ('12', '12 h')], default='auto', max_length=4)),
                ('notify', models.CharField(choices=[('all', 'All'), ('mentions', 'Mentions'), ('nothing', 'Nothing')], default='mentions', max_length=8)),
                ('sound', models.BooleanField(default=True)),
                ('enter_sends', models.BooleanField(default=True)),
            ],
        ),
        migrations.CreateModel(
            name='Message',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.PositiveBigIntegerField()),
                ('rev', models.PositiveBigIntegerField()),
                ('kind', models.CharField(choices=[('text', 'Text'), ('system', 'System')], default='text', max_length=6)),
                ('text', models.TextField(blank=True)),
                ('system', models.JSONField(blank=True, null=True)),
                ('reply_to', models.PositiveBigIntegerField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
                ('edited_at', models.DateTimeField(blank=True, null=True)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('client_id', models.CharField(blank=True, max_length=64, null=True)),
                ('client_digest', models.CharField(blank=True, editable=False, max_length=32)),
                ('file_count', models.PositiveSmallIntegerField(db_default=0, default=0)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='messages', to='chat.participant')),
                ('deleted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='chat.participant')),
            ],
        ),
        migrations.CreateModel(
            name='Mention',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.PositiveBigIntegerField()),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='mentions', to='chat.message')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='chat.participant')),
            ],
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('owner', 'Owner'), ('moderator', 'Moderator'), ('member', 'Member')], default='member', max_length=9)),
                ('notify', models.CharField(choices=[('all', 'All'), ('mentions', 'Mentions'), ('nothing', 'Nothing')], default='all', max_length=8)),
                ('loud', models.BooleanField(db_default=False, default=False)),
                ('muted', models.BooleanField(db_default=False, default=False)),
                ('read_seq', models.PositiveBigIntegerField(default=0)),
                ('back_from_seq', models.PositiveBigIntegerField(db_default=0, default=0)),
                ('typing_until', models.DateTimeField(blank=True, editable=False, null=True)),
                ('muted_until', models.DateTimeField(blank=True, null=True)),
                ('posted_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('joined_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='chat.participant')),
            ],
        ),
        migrations.CreateModel(
            name='File',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(default=chat.models.files.new_key, max_length=22, unique=True)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('state', models.CharField(choices=[('uploading', 'Uploading'), ('ready', 'Ready'), ('gone', 'Gone')], default='uploading', max_length=9)),
                ('name', models.CharField(max_length=255)),
                ('description', models.CharField(blank=True, max_length=500)),
                ('length', models.PositiveBigIntegerField()),
                ('size', models.PositiveBigIntegerField()),
                ('media_type', models.CharField(blank=True, max_length=100)),
                ('width', models.PositiveIntegerField(blank=True, null=True)),
                ('height', models.PositiveIntegerField(blank=True, null=True)),
                ('duration', models.FloatField(blank=True, null=True)),
                ('placeholder', models.CharField(blank=True, max_length=400)),
                ('thumbs', models.CharField(blank=True, max_length=20)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('message', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='files', to='chat.message')),
                ('uploader', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='chat.participant')),
            ],
        ),
        migrations.CreateModel(
            name='Ban',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('until', models.DateTimeField(blank=True, null=True)),
                ('reason', chat.lib.fields.LineField(blank=True, max_length=500)),
                ('by', models.CharField(blank=True, db_default='', default='', editable=False, max_length=32)),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bans', to='chat.participant')),
            ],
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', chat.lib.fields.LineField(max_length=64)),
                ('token_hash', models.CharField(editable=False, max_length=64, unique=True)),
                ('hint', models.CharField(editable=False, help_text='The first characters, to recognise the token by.', max_length=8)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('last_used_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('expires_at', models.DateTimeField(blank=True, null=True)),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to='chat.participant')),
            ],
            options={
                'ordering': ['-created_at'],
            },
        ),
        migrations.CreateModel(
            name='Connection',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('opened_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('address', models.CharField(blank=True, max_length=64)),
                ('user_agent', models.CharField(blank=True, max_length=200)),
                ('close_requested', models.BooleanField(default=False)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='connections', to='chat.participant')),
                ('process', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='connections', to='chat.processlease')),
            ],
            options={
                'ordering': ['-opened_at'],
            },
        ),
        migrations.CreateModel(
            name='Reaction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('emoji', models.CharField(max_length=32)),
                ('message', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reactions', to='chat.message')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='chat.participant')),
            ],
        ),
        migrations.CreateModel(
            name='SearchCursor',
            fields=[
                ('room', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='search_cursor', serialize=False, to='chat.room')),
                ('rev', models.PositiveBigIntegerField()),
                ('back_seq', models.PositiveBigIntegerField()),
                ('cleared_seq', models.PositiveBigIntegerField()),
                ('version', models.CharField(max_length=16)),
            ],
            options={
                'default_permissions': (),
            },
        ),
        migrations.AddConstraint(
            model_name='room',
            constraint=models.UniqueConstraint(chat.lib.ascii.AsciiLower('slug'), name='room_slug_without_case'),
        ),
        migrations.AddConstraint(
            model_name='room',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['public', 'private', 'direct'])), name='room_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='room',
            constraint=models.CheckConstraint(condition=models.Q(('posting__in', ['everyone', 'moderators'])), name='room_posting_known'),
        ),
        migrations.AddConstraint(
            model_name='room',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'direct'), ('slug__startswith', 'dm-')), models.Q(models.Q(('kind', 'direct'), _negated=True), models.Q(('slug__istartswith', 'dm-'), _negated=True)), _connector='OR'), name='room_direct_slug_reserved'),
        ),
        migrations.AddConstraint(
            model_name='room',
            constraint=models.CheckConstraint(condition=models.Q(('last_seq__lte', models.F('last_rev')), ('cleared_rev__lte', models.F('last_rev')), ('facts_rev__lte', models.F('last_rev'))), name='room_numbers_in_step'),
        ),
        migrations.AddField(
            model_name='message',
            name='room',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='chat.room'),
        ),
        migrations.AddField(
            model_name='mention',
            name='room',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='chat.room'),
        ),
        migrations.AddField(
            model_name='membership',
            name='room',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='chat.room'),
        ),
        migrations.AddField(
            model_name='ban',
            name='room',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bans', to='chat.room'),
        ),
        migrations.AddConstraint(
            model_name='serverstate',
            constraint=models.CheckConstraint(condition=models.Q(('id', 1)), name='server_state_single'),
        ),
        migrations.AddField(
            model_name='ticket',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='chat.participant'),
        ),
        migrations.AddConstraint(
            model_name='participant',
            constraint=models.UniqueConstraint(chat.lib.ascii.AsciiLower('username'), name='participant_username_without_case', violation_error_message='That username is taken.'),
        ),
        migrations.AddConstraint(
            model_name='participant',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['person', 'bot', 'hook', 'imported'])), name='participant_kind_known'),
        ),
        migrations.AddIndex(
            model_name='file',
            index=models.Index(condition=models.Q(('message__isnull', True)), fields=['state', 'created_at'], name='file_untaken'),
        ),
        migrations.AddConstraint(
            model_name='file',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['uploading', 'ready', 'gone'])), name='file_state_known'),
        ),
        migrations.AddConstraint(
            model_name='reaction',
            constraint=models.UniqueConstraint(fields=('message', 'emoji', 'user'), name='reaction_once'),
        ),
        migrations.AddIndex(
            model_name='searchcursor',
            index=models.Index(condition=models.Q(('back_seq__gt', 1)), fields=['room'], name='search_unfilled'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('system__isnull', False)), fields=['room'], name='message_system_lines'),
        ),
        migrations.AddIndex(
            model_name='message',
            index=models.Index(condition=models.Q(('system__isnull', False), ('deleted_at__isnull', False), _connector='OR'), fields=['room', 'seq'], name='message_uncounted'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.UniqueConstraint(fields=('room', 'seq'), name='message_seq_once'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.UniqueConstraint(fields=('room', 'rev'), name='message_rev_once'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.UniqueConstraint(fields=('author', 'client_id'), name='message_client_id_once'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['text', 'system'])), name='message_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(('deleted_at', None), ('text', ''), _connector='OR'), name='message_deleted_is_empty'),
        ),
        migrations.AddConstraint(
            model_name='message',
            constraint=models.CheckConstraint(condition=models.Q(('seq__gte', 1), ('rev__gte', 1)), name='message_numbered'),
        ),
        migrations.AddIndex(
            model_name='mention',
            index=models.Index(fields=['user', 'room', 'seq'], name='mention_by_person'),
        ),
        migrations.AddConstraint(
            model_name='mention',
            constraint=models.UniqueConstraint(fields=('message', 'user'), name='mention_once'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.UniqueConstraint(fields=('user', 'room'), name='membership_once'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['owner', 'moderator', 'member'])), name='membership_role_known'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('notify__in', ['all', 'mentions', 'nothing'])), name='membership_notify_known'),
        ),
        migrations.AddConstraint(
            model_name='ban',
            constraint=models.UniqueConstraint(fields=('user', 'room'), name='ban_once'),
        ),
    ]
