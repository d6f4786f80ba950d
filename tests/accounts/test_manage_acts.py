"""The pages at `/manage/`: the right person, all or nothing, and no queries beyond what the page shows."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.services import account_create, account_delete
from chat.models import AuditEntry, Membership, Report
from chat.protocol.errors import ChatError
from chat.services.members import room_join
from chat.services.posting import Draft, messages_post
from chat.services.reports import message_report
from chat.services.rooms import direct_room_open, room_create

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    return account_create(username="ada", password=None, display_name="Ada")


@pytest.fixture
def bob(ada: User) -> User:
    return account_create(username="bob", password=None)


def window_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_author_is_deactivated_under_another_name_and_their_name_is_anothers(ada: User, bob: User) -> None:
    carl = account_create(username="carl", password=None)
    room, _ = direct_room_open(user=bob.participant, username="carl")
    messages_post([Draft(bob.participant, room.slug, "rude")])
    report = message_report(user=carl.participant, room=room.slug, seq=1, reason="Harassment")
    bob.username = "bobby"
    bob.save()
    innocent = account_create(username="bob", password=None)
    window_of(ada).post("/manage/reports/", {"report": report.pk, "act": "deactivate"})
    bob.refresh_from_db()
    innocent.refresh_from_db()
    assert (bob.is_active, innocent.is_active) == (False, True)
    assert AuditEntry.objects.filter(action=AuditEntry.Action.PERSON, target="bobby", detail__act="deactivate").exists()


def test_a_report_stays_open_when_its_author_cannot_be_deactivated(ada: User, bob: User) -> None:
    room, _ = direct_room_open(user=ada.participant, username="bob")
    messages_post([Draft(ada.participant, room.slug, "rude")])
    report = message_report(user=bob.participant, room=room.slug, seq=1, reason="Harassment")
    page = window_of(ada).post("/manage/reports/", {"report": report.pk, "act": "deactivate"}, follow=True)
    assert "The author has no account that you can deactivate." in page.content.decode()
    report.refresh_from_db()
    assert report.outcome == ""


def test_an_erased_account_is_not_brought_back(ada: User, bob: User) -> None:
    account_delete(user=bob)
    for name in ("activate", "appoint"):
        assert window_of(ada).post(f"/manage/people/{bob.pk}/", {"act": name}).status_code == 404
    bob.refresh_from_db()
    assert (bob.is_active, bob.is_superuser) == (False, False)


def test_members_and_reports_of_rooms_are_not_multiplied_by_each_other(
    ada: User, bob: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    window = window_of(ada)
    room = room_create(creator=bob.participant, slug="cellar", title="Wine")
    room_join(user=ada.participant, room="cellar")
    for text in ("one", "two", "three"):
        [posted] = messages_post([Draft(bob.participant, room.slug, text)])
        assert not isinstance(posted, ChatError)
        message_report(user=ada.participant, room=room.slug, seq=posted.seq, reason="Spam")
    with django_assert_max_num_queries(10) as asked:
        page = window.get("/manage/rooms/?q=cellar").content.decode()
    assert "2 people" in page
    assert "3 open reports" in page
    tables = [Membership._meta.db_table, Report._meta.db_table]
    assert not [one["sql"] for one in asked.captured_queries if all(table in one["sql"] for table in tables)]


@pytest.mark.parametrize(
    ("address", "posted"),
    [
        ("/manage/people/?q=%00", None),
        ("/manage/rooms/?q=%00", None),
        ("/manage/rooms/", {"room": "\0", "act": "archive"}),
        ("/manage/emoji/", {"act": "add", "name": "\0"}),
        ("/manage/emoji/", {"act": "change", "name": "\0", "to": "\0", "aliases": "\0"}),
        ("/manage/groups/", {"act": "in", "handle": "\0", "username": "\0"}),
        ("/manage/groups/", {"act": "make", "handle": "\0", "title": "\0"}),
    ],
)
def test_nul_finds_nothing(ada: User, address: str, posted: dict[str, str] | None) -> None:
    window = window_of(ada)
    answer = window.get(address) if posted is None else window.post(address, posted)
    assert answer.status_code < 500
    assert not User.objects.filter(username__iexact="a\0da").exists()
