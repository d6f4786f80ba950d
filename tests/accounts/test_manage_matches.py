"""A person of an import is matched with an account at `/manage/`."""

import pytest

from accounts.models import User
from accounts.services import account_create
from chat.models import ImportJob, Message, PersonMatch
from chat.services.imports.loading import Wanted, history_import
from chat.services.imports.match_moves import match_work
from support.html import faults
from tests.accounts.test_manage import window_of
from tests.importing.samples import SAMPLES

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return account_create(username="ada", password=None, display_name="Ada")


@pytest.fixture
def bob(ada: User) -> User:
    return account_create(username="bob", password=None)


def test_a_name_of_an_import_is_matched_by_a_form_and_taken_back(ada: User, bob: User) -> None:
    history_import(Wanted("slack", SAMPLES / "slack" / "export"))
    window, address = window_of(ada), "/manage/transfers/"
    asked = {"act": "match", "name": "@eve", "account": "@bob"}
    assert window_of(bob).post(address, asked).status_code == 403
    page = window.post(address, asked | {"name": "@bob"}, follow=True).content.decode()
    assert "@bob is not somebody whom an import brought without an account." in page
    page = window.post(address, asked, follow=True).content.decode()
    assert "What the import brought is being moved to the account." in page
    assert "data-refresh" in page
    match_work(PersonMatch.objects.get())
    page = window.get(address).content.decode()
    assert faults(page) == []
    assert "Undo for @eve" in page
    assert Message.objects.filter(author=bob.participant).exists()
    page = window.post(address, {"act": "unmatch", "name": "eve"}, follow=True).content.decode()
    assert "What was moved returns to the name." in page
    match_work(PersonMatch.objects.get())
    assert not Message.objects.filter(author=bob.participant).exists()


def test_a_checked_archive_shows_reactions_files_and_the_emoji_that_are_not_here(ada: User) -> None:
    report = history_import(Wanted("slack", SAMPLES / "slack" / "export", dry_run=True))
    ImportJob.objects.create(by=ada.participant, format="slack", name="x.zip", state="checked", report=report)
    page = window_of(ada).get("/manage/transfers/").content.decode()
    assert faults(page) == []
    assert "<td>4</td>" in page
    assert "<code>:partyparrot:</code>" in page
    assert 'href="/manage/emoji/"' in page
    assert '<option value="csv">CSV</option>' in page


def test_staff_without_all_rights_read_no_import_and_no_match(ada: User, bob: User) -> None:
    history_import(Wanted("slack", SAMPLES / "slack" / "export"))
    report = history_import(Wanted("slack", SAMPLES / "slack" / "export", dry_run=True))
    ImportJob.objects.create(by=ada.participant, format="slack", name="board.zip", state="done", report=report)
    window_of(ada).post("/manage/transfers/", {"act": "match", "name": "eve", "account": "bob"})
    clerk = account_create(username="clerk", password=None)
    User.objects.filter(pk=clerk.pk).update(is_staff=True)
    [private, *_] = [row["title"] for row in report["rooms"] if row["kind"] == "private"]
    for who, told in ((ada, True), (clerk, False)):
        page = window_of(who).get("/manage/transfers/").content.decode()
        assert faults(page) == []
        assert [word in page for word in ("board.zip", private, "@eve")] == [told, told, told]
