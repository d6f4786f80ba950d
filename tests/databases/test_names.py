"""With a Turkish locale, where `I` and `i` are different letters, people and rooms still have one name each."""

from collections.abc import Generator
from typing import Any

import pytest
from allauth.account.utils import filter_users_by_email
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from accounts.services import account_create
from chat.models import Participant, Room
from chat.protocol.errors import ChatError
from chat.queries.directory import direct_room, people_named
from chat.services.mentions import members_named
from chat.services.rooms import room_create
from support.password import PASSWORD
from support.postgres import Postgres
from support.servers import make_tables

TURKISH = "LOCALE_PROVIDER icu ICU_LOCALE 'tr-TR' LOCALE 'C' ENCODING 'UTF8'"


@pytest.fixture(scope="module")
def turkish(postgres: Postgres) -> str:
    url = postgres.create_database(template="template0", options=TURKISH)
    make_tables(url)
    return url


@pytest.fixture
def iris(turkish: str, connect: Any) -> Generator[Participant]:
    connect(turkish)
    with connection.cursor() as cursor:
        cursor.execute("SELECT lower('I')")
        assert cursor.fetchone() == ("ı",), "this database is not Turkish"
    with transaction.atomic():
        yield account_create(username="iris", password=PASSWORD, email="Info@Example.org").participant
        transaction.set_rollback(True)


@pytest.mark.parametrize("name", ["IRIS", "Iris", "iRiS"])
def test_a_name_is_taken_in_every_case(iris: Participant, name: str) -> None:
    with pytest.raises(ValidationError, match="taken"):
        account_create(username=name, password=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        Participant.objects.create(username=name)


@pytest.mark.parametrize("name", ["IRIS", "Iris"])
def test_people_are_found_in_every_case(iris: Participant, name: str) -> None:
    lobby = room_create(creator=iris, slug="TITLES")
    assert authenticate(None, username=name, password=PASSWORD) == iris.user
    assert direct_room(user=iris, username=name)[1] == iris
    assert people_named(name[:3]) == [iris]
    assert members_named(room_ids=[lobby.pk], names=["iris"]) == {(lobby.pk, "iris"): (iris.pk, "iris")}
    assert list(filter_users_by_email("INFO@EXAMPLE.ORG")) == [iris.user]


def test_names_that_are_not_ascii_match_no_one(iris: Participant) -> None:
    assert not Participant.objects.filter(username__iexact="ırıs").exists()
    assert not Participant.objects.filter(username__iexact="İRİS").exists()


def test_a_room_is_taken_in_every_case(iris: Participant) -> None:
    room_create(creator=iris, slug="titles")
    with pytest.raises(ChatError, match="conflict"):
        room_create(creator=iris, slug="TITLES")
    assert Room.objects.filter(slug__iexact="TITLES").exists()


def test_looking_for_a_name_uses_its_index(iris: Participant) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    assert "participant_username_without_case" in Participant.objects.filter(username__iexact="IRIS").explain()
