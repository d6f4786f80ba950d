"""`manage.py epoch`, the last step of restoring a backup."""

import pytest
from django.core.management import call_command

from chat.queries.rooms import epoch

pytestmark = pytest.mark.django_db


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    call_command("epoch", *arguments)
    return capsys.readouterr().out.strip()


def test_an_operator_reads_the_epoch_without_changing_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys) == told(capsys) == epoch()


def test_an_operator_renews_the_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    before = epoch()

    assert told(capsys, "--renew") == epoch() != before
