"""`manage.py demo`: a workspace that its people could have written."""

import re
from io import StringIO

import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db.models import Count, F, Max, Min, Q
from django.utils import timezone

from accounts.management.demo.cast import PEOPLE
from accounts.models import User
from chat.models import AuditEntry, Membership, Mention, Message, Participant, Reaction, Room
from chat.queries.history import changes_after
from chat.services.mentions import named_in
from support.people import alice, login_of, room

pytestmark = pytest.mark.django_db


def demo(*arguments: str) -> str:
    out = StringIO()
    call_command("demo", "--seed", "7", *arguments, stdout=out)
    return out.getvalue()


def password_in(told: str) -> str:
    [password] = re.findall(r"password, shown this once: (\S{16})$", told, re.MULTILINE)
    return str(password)


def test_eight_people_talk_in_six_rooms_for_three_weeks() -> None:
    told = demo("--messages", "1500")
    assert Participant.objects.count() == 8
    assert list(Room.objects.order_by("kind").values_list("kind").annotate(Count("pk"))) == [
        ("direct", 2),
        ("private", 1),
        ("public", 3),
    ]
    text = Message.objects.filter(kind="text")
    assert text.count() == 1500
    spoken = text.aggregate(first=Min("created_at"), last=Max("created_at"))
    assert spoken["last"] <= timezone.now()
    assert 16 <= (timezone.now() - spoken["first"]).days <= 21
    assert "#engineering: " in told


def test_there_is_something_of_everything_to_look_at() -> None:
    demo("--messages", "1500")
    assert Message.objects.exclude(reply_to=None).exists()
    assert Message.objects.exclude(edited_at=None).exists()
    assert Message.objects.exclude(deleted_at=None).filter(text="").exists()
    assert Message.objects.filter(text__contains="```").exists()
    assert Message.objects.filter(kind="system", system__event="joined").count() == 8 + 7 + 8 + 5
    assert Reaction.objects.values("message").annotate(n=Count("pk")).filter(n__gt=1).exists()
    assert Room.objects.exclude(topic="").count() == 4
    pinned = {(one.room_id, one.seq) for one in Message.objects.exclude(pinned_at=None).filter(deleted_at=None)}
    assert len(pinned) == 4
    assert pinned == {(one.pk, seq) for one in Room.objects.all() for seq in one.pins}
    assert Membership.objects.filter(room__last_seq__gt=F("read_seq")).exists()
    assert Membership.objects.filter(room__last_seq=F("read_seq")).exists()
    assert AuditEntry.objects.filter(action="delete_message", actor="teodor").exists()


def test_the_numbers_are_those_that_the_services_would_have_given() -> None:
    demo("--messages", "1500")
    for where in Room.objects.all():
        rows = list(where.messages.order_by("seq").values_list("seq", "rev", "created_at", "reply_to"))
        assert [row[0] for row in rows] == list(range(1, where.last_seq + 1))
        assert [row[2] for row in rows] == sorted(row[2] for row in rows)
        assert all(reply_to is None or 1 <= reply_to < seq for seq, _, _, reply_to in rows)
        highest = max([row[1] for row in rows] + [where.facts_rev])
        assert highest == where.last_rev
        assert changes_after(where, 0, limit=5000).complete
    # No one's read mark is before their own last message.
    own = Max("room__messages__seq", filter=Q(room__messages__author=F("user"), room__messages__kind="text"))
    assert not Membership.objects.annotate(own=own).filter(own__gt=F("read_seq")).exists()
    for mention in Mention.objects.select_related("message", "user"):
        assert mention.user.username in named_in(mention.message.text)
        assert mention.seq == mention.message.seq
    assert not Reaction.objects.exclude(message__deleted_at=None).filter(message__deleted_at=None).exists()


def test_the_demo_password_is_printed_once_and_is_new_each_time() -> None:
    first = password_in(demo("--messages", "100"))
    for name in PEOPLE:
        assert authenticate(username=name, password=first)
    assert list(User.objects.filter(is_superuser=True).values_list("username", flat=True)) == ["ines"]
    assert first not in str([*User.objects.values(), *Participant.objects.values()])
    assert password_in(demo("--messages", "100", "--force")) != first


def test_the_administrator_stays_who_they_are() -> None:
    owner = login_of(alice())
    owner.is_founder = owner.is_superuser = True
    owner.save()
    assert "administrator" not in demo("--messages", "100")
    assert list(User.objects.filter(is_superuser=True)) == [owner]


def test_it_does_not_run_where_people_have_written() -> None:
    demo("--messages", "100")
    before = Message.objects.count()
    with pytest.raises(CommandError, match="--force"):
        demo("--messages", "100")
    assert Message.objects.count() == before


def test_force_puts_it_beside_what_is_there_and_touches_none_of_it() -> None:
    mine = User.objects.create_user("Ines", password="my own password")
    theirs = room("engineering", owner=mine.participant)
    demo("--messages", "100")
    told = demo("--messages", "100", "--force")
    assert "ines3" in told
    mine.refresh_from_db()
    assert mine.check_password("my own password")
    assert (theirs.messages.count(), theirs.memberships.count()) == (0, 1)
    assert set(Room.objects.filter(slug__startswith="lobby").values_list("slug", flat=True)) == {"lobby", "lobby-2"}


def test_a_long_history_goes_into_one_room_and_further_back() -> None:
    demo("--messages", "12000")
    long = Room.objects.get(slug="engineering")
    assert long.messages.filter(kind="text").count() == 12_000 - 6000 * 58 // 100
    assert Room.objects.get(slug="lobby").messages.filter(kind="text").count() == 1200


@pytest.mark.parametrize("number", ["0", "-5", "99", "10000001", "9" * 400])
def test_a_number_that_makes_no_sense_writes_nothing(number: str) -> None:
    with pytest.raises(CommandError, match="--messages"):
        demo(f"--messages={number}")
    assert not Participant.objects.exists()


def test_ctrl_c_leaves_nothing_half_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("accounts.management.commands.demo.Command._members", interrupt)
    with pytest.raises(CommandError, match="nothing was written"):
        demo()
    assert not Participant.objects.exists()
    assert not Message.objects.exists()
