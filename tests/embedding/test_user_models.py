"""The chat with user models of other projects, each in a separate process and database."""

import sys
from pathlib import Path

import pytest

from support import forks
from support.servers import ROOT, clean_environment

MODELS = """
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class Person(AbstractBaseUser):
    {fields}
    objects = BaseUserManager()
"""
# One model with customer numbers and no other name; one with the e-mail address as primary key.
NUMBER = "number = models.IntegerField(unique=True)\n    USERNAME_FIELD = 'number'"
EMAIL = "email = models.EmailField(primary_key=True)\n    USERNAME_FIELD = 'email'"
BEGIN = """
import django
from django.apps import apps as known
from django.conf import settings
from django.core.management import call_command
from chat.migrations import _first_rows
apps = ["contenttypes", "auth", "sessions"]
settings.configure(
    INSTALLED_APPS=[*("django.contrib." + app for app in apps), "people", "chat"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "people.sqlite3"}},
    AUTH_USER_MODEL="people.Person",
    SECRET_KEY="x" * 50,
    MIGRATION_MODULES=MIGRATIONS,
)
django.setup()
call_command("migrate", run_syncdb=True, verbosity=0)
_first_rows.create(known, None)
"""
# Tables made from the models, without migrations: all other tests run the migrations with a numeric key.
WITHOUT_MIGRATIONS = {"chat": None}
TRY = """
from django.contrib.auth.models import AnonymousUser
from django.test import Client
from chat.checks.embedding import user_table
from chat.identity.credentials import identify
from chat.models import Message, Room
from chat.public import Refused, add, participant_of, post, room_for
from people.models import Person

first, second = (Person.objects.create(**{{Person.USERNAME_FIELD: name}}) for name in {names!r})
room = room_for(first, title="Talk")
for person in (first, second):
    add(room, person, role="owner")
post(room, second, "Here")
print(*(participant_of(person).username for person in (first, second)))

browser = Client()
browser.force_login(second)
cookies = {{"sessionid": browser.cookies["sessionid"].value}}
print(identify(headers={{}}, cookies=cookies, query={{}}).user.username)

gone = participant_of(second)
second.delete()
print(identify(headers={{}}, cookies=cookies, query={{}}))
gone.refresh_from_db()
print(gone.is_active, gone.user_id, Message.objects.get(text="Here").author_id == gone.pk)
for who in (gone, AnonymousUser(), Person()):
    try:
        post(room, who, "Never said")
    except (Refused, ValueError) as refusal:
        print(refusal)
print(user_table(databases=["default"]))
"""


@pytest.mark.parametrize(
    ("fields", "migrations", "names", "handles"),
    [
        pytest.param(NUMBER, WITHOUT_MIGRATIONS, (7, 8), ("7", "8"), id="number"),
        pytest.param(EMAIL, {}, ("ada@shop.example", "Ada@other.example"), ("ada", "Ada2"), id="email"),
    ],
)
def test_people_of_any_user_model_write_and_what_they_wrote_stays(
    fields: str,
    migrations: dict[str, None],
    names: tuple[object, object],
    handles: tuple[str, str],
    tmp_path: Path,
) -> None:
    (tmp_path / "people").mkdir()
    (tmp_path / "people" / "models.py").write_text(MODELS.format(fields=fields))
    env = clean_environment(PYTHONPATH=f"{tmp_path}:{ROOT}")
    command = [sys.executable, "-c", f"MIGRATIONS = {migrations!r}{BEGIN}{TRY.format(names=names)}"]
    done = forks.run(command, cwd=tmp_path, env=env)
    assert done.stdout.splitlines() == [
        " ".join(handles),
        handles[1],
        "None",
        "False None True",
        "forbidden: This account is deactivated.",
        "Somebody who is not signed in is no participant.",
        "Save the user first: a participant belongs to its row.",
        "[]",
    ], done.stderr
