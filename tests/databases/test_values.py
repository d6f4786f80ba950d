"""A database that cannot store every character: one person's text fails alone, and is not retried forever."""

import logging
from typing import Any

import pytest
from django.db import DataError, connection, transaction
from django.test import Client

from accounts.services import account_create
from chat.live import db
from chat.models import Message, Participant, Room
from chat.protocol.errors import ChatError, Code
from chat.services.posting import Draft, Outcome, Posted, messages_post
from chat.services.rooms import room_create
from support.password import PASSWORD
from support.postgres import Postgres
from support.servers import make_tables

LATIN1 = "ENCODING 'LATIN1' LOCALE 'C'"


@pytest.fixture(scope="module")
def latin1(postgres: Postgres) -> str:
    url = postgres.create_database(template="template0", options=LATIN1)
    make_tables(url)
    return url


@pytest.fixture
def stage(latin1: str, connect: Any) -> Any:
    """Ada and her room, rolled back after the test."""
    connect(latin1)
    with transaction.atomic():
        ada = account_create(username="ada", password=None).participant
        yield ada, room_create(creator=ada, slug="tea")
        transaction.set_rollback(True)


def codes(outcomes: list[Outcome]) -> list[str]:
    return ["posted" if isinstance(one, Posted) else one.code.value for one in outcomes]


@pytest.mark.parametrize("bad", [[3], [0], [6], [0, 1, 2, 3, 4, 5, 6], [2, 5]])
def test_what_cannot_be_stored_is_refused_and_its_neighbours_are_posted(
    stage: Any, bad: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    ada, room = stage
    texts = [f"secret {n} \N{PERSONAL COMPUTER}" if n in bad else f"Grüße {n}" for n in range(7)]
    drafts = [Draft(ada, room.slug, text, client_id=f"n{n}") for n, text in enumerate(texts)]
    assert codes(messages_post(drafts)) == ["invalid" if n in bad else "posted" for n in range(7)]
    said = Message.objects.filter(room=room, kind="text").order_by("seq").values_list("text", "seq")
    kept = [text for n, text in enumerate(texts) if n not in bad]
    first = Room.objects.get(pk=room.pk).last_seq - len(kept) + 1
    assert list(said) == [(text, first + n) for n, text in enumerate(kept)]
    [line] = [record.getMessage() for record in caplog.records if record.name == "chat.lib.outage"]
    assert "UntranslatableCharacter 22P05" in line
    assert "secret" not in line


def test_a_number_that_is_taken_is_no_fault_of_the_text(stage: Any) -> None:
    ada, room = stage
    assert codes(messages_post([Draft(ada, room.slug, "first", client_id=f"n{n}") for n in range(3)])) == ["posted"] * 3
    oldest = Message.objects.order_by("pk").values_list("pk", flat=True)[0]
    with connection.cursor() as cursor:
        # A crash does this to a database that was created from a template.
        cursor.execute("SELECT setval(pg_get_serial_sequence('chat_message', 'id'), %s, false)", [oldest])
    again = [Draft(ada, room.slug, "again", client_id=f"again{n}") for n in range(2)]
    tries = []
    while set(tried := codes(messages_post(again))) != {"posted"}:
        tries += tried
    assert set(tries) <= {"posted", "unavailable"}
    assert "unavailable" in tries
    assert Message.objects.filter(room=room, text="again").count() == 2


async def test_a_reader_is_sent_whether_it_would_fail_again(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise DataError("secret")

    with pytest.raises(ChatError) as refused, caplog.at_level(logging.WARNING):
        await db.run(fail)
    assert refused.value.code == Code.INVALID
    assert "secret" not in caplog.text


def test_a_name_that_cannot_be_stored_is_a_page_that_says_so(stage: Any) -> None:
    form = {"username": "bob", "display_name": "Łukasz", "password": PASSWORD}
    answer = Client(raise_request_exception=False).post("/accounts/signup/", form)
    assert answer.status_code == 400
    assert "cannot store this" in answer.content.decode()
    assert not Participant.objects.filter(username="bob").exists()
