"""`manage.py search_index`: the index at full speed, with progress, also from scratch."""

import pytest
from django.core.management import call_command

from chat.models import Message, SearchDocument
from chat.services.posting import Draft, messages_post
from support import people

pytestmark = pytest.mark.django_db(transaction=True)


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    call_command("search_index", *arguments)
    return capsys.readouterr().out.strip()


def test_an_operator_fills_the_index_and_makes_it_anew(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = people.alice()
    people.room("garden", owner=alice)
    messages_post([Draft(alice, "garden", f"word {n}") for n in range(3)])
    monkeypatch.setattr("chat.management.commands.search_index.SHOWN_EVERY_SECONDS", -1.0)
    first, *_, last = told(capsys).splitlines()
    assert " of 3 messages, " in first
    assert last == "The index is up to date: 3 messages."
    assert SearchDocument.objects.count() == 3
    SearchDocument.objects.all().update(room_id=0)
    Message.objects.filter(seq=1).delete()
    told(capsys, "--rebuild")
    assert SearchDocument.objects.count() == 2
