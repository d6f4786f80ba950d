"""The lists of the admin take the same number of queries whatever their length."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chat.models import AuditEntry, Ban, Connection, File, Membership, Message, Participant, ProcessLease, Room

pytestmark = pytest.mark.django_db


def _messages(count: int) -> None:
    where, user = Room.objects.get(slug="garden"), Participant.objects.get(username="bob")
    now = timezone.now()
    Message.objects.bulk_create(
        Message(room=where, author=user, seq=n, rev=n, text=f"m{n}", created_at=now) for n in range(1, count + 1)
    )


def _rooms(count: int) -> None:
    Room.objects.bulk_create(Room(slug=f"room{n}") for n in range(count))


def _members(count: int) -> None:
    where = Room.objects.get(slug="garden")
    people = Participant.objects.bulk_create(Participant(username=f"person{n}") for n in range(count))
    Membership.objects.bulk_create(Membership(room=where, user=user) for user in people)
    Ban.objects.bulk_create(Ban(room=where, user=user) for user in people)


def _connections(count: int) -> None:
    soon = timezone.now() + timedelta(seconds=9)
    leases = ProcessLease.objects.bulk_create(ProcessLease(host="a", pid=n, expires_at=soon) for n in range(count))
    user = Participant.objects.get(username="bob")
    Connection.objects.bulk_create(Connection(process=lease, user=user) for lease in leases)


def _files(count: int) -> None:
    user = Participant.objects.get(username="bob")
    File.objects.bulk_create(File(uploader=user, name=f"pier{n}.png", length=n, size=n) for n in range(count))


def _acts(count: int) -> None:
    AuditEntry.objects.bulk_create(AuditEntry(actor="ada", action="ban") for _ in range(count))


@pytest.mark.parametrize(
    ("page", "make"),
    [
        ("room", _rooms),
        ("message", _messages),
        ("membership", _members),
        ("ban", _members),
        ("connection", _connections),
        ("processlease", _connections),
        ("auditentry", _acts),
        ("file", _files),
    ],
)
def test_a_list_costs_five_queries_whatever_its_length(
    office: Client, garden: Room, django_assert_num_queries: Any, page: str, make: Callable[[int], None]
) -> None:
    """The queries: session and person, the bounded count, the rows."""
    make(40)
    with django_assert_num_queries(5):
        assert office.get(f"/admin/chat/{page}/").status_code == 200


def test_files_are_found_by_name_person_room_and_type(office: Client, garden: Room) -> None:
    _files(12)
    for asked, count in (
        ("pier1.png", 1),
        ("from:bob pier", 12),
        ("from:alice", 0),
        ("type:image", 0),
        ("room:garden", 0),
    ):
        page = office.get("/admin/chat/file/", {"q": asked})
        assert page.context["cl"].result_count == count, asked


def test_a_list_of_millions_is_not_counted_to_its_end(
    office: Client, garden: Room, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr("chat.admin.base.COUNTED_MAX", 60)
    _messages(80)
    with django_assert_num_queries(5) as queries:
        page = office.get("/admin/chat/message/?p=2")
    assert page.context["cl"].result_count == 60
    [counting] = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
    assert "LIMIT 60" in counting
