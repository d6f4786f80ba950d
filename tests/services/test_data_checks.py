"""`manage.py check_data`: each fault is found at its place, and repaired where that loses no data."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from chat.models import (
    CustomEmoji,
    EmojiName,
    File,
    Membership,
    Mention,
    Message,
    MessageVersion,
    Participant,
    Reaction,
    Room,
    SavedMessage,
    ScheduledMessage,
    SearchCursor,
    SearchDocument,
    Thread,
)
from chat.models.files import new_key
from chat.services.posting import Draft, Posted, messages_post
from chat.services.search_index import index_step
from chat.storage import files, place


@pytest.fixture(autouse=True)
def three_messages(garden: Room, alice: Participant, bob: Participant) -> Room:
    """Three indexed messages, the second with a mention."""
    messages_post([Draft(alice, "garden", "one"), Draft(bob, "garden", "two @alice"), Draft(alice, "garden", "three")])
    while index_step():
        pass
    return garden


class Outcome(NamedTuple):
    status: int
    text: str


@pytest.fixture
def check(capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    def checked(*options: str) -> Outcome:
        try:
            call_command("check_data", *options)
            status, error = 0, ""
        except CommandError as refused:
            status, error = refused.returncode, str(refused)
        return Outcome(status, capsys.readouterr().out + error)

    return checked


Check = Callable[..., Outcome]


def test_what_is_in_order_is_left_alone(check: Check) -> None:
    before = list(Room.objects.values()), list(Message.objects.values())
    assert check("--repair").status == 0
    assert (list(Room.objects.values()), list(Message.objects.values())) == before
    assert check().text.endswith("2 rooms are in order.\n")


def _low_counters() -> None:
    Room.objects.filter(slug="garden").update(last_seq=2, last_rev=2)


def _high_mark() -> None:
    Membership.objects.filter(user__username="bob").update(read_seq=9, hidden_seq=7)


def _moved_mention() -> None:
    Mention.objects.update(seq=3)


def _deleted_by_hand() -> None:
    message = Message.objects.get(seq=2)
    Reaction.objects.create(message=message, user=message.author, emoji="👍")
    at = message.created_at
    MessageVersion.objects.create(message=message, text="zwei", written_at=at, replaced_at=at)
    Message.objects.filter(seq=2).update(text="", deleted_at=message.created_at)


def _wrong_file_count() -> None:
    Message.objects.filter(seq=1).update(file_count=3)


def _no_document() -> None:
    lost = Message.objects.get(seq=1).pk
    SearchDocument.objects.filter(message_id=lost)._raw_delete("default")


def _index_ahead() -> None:
    SearchCursor.objects.filter(room__slug="garden").update(rev=99)


def _reply() -> None:
    bob = Participant.objects.get(username="bob")
    [outcome] = messages_post([Draft(bob, "garden", "a reply", thread=1)])
    assert isinstance(outcome, Posted)
    while index_step():
        pass


def _wrong_thread() -> None:
    _reply()
    Message.objects.filter(seq=1).update(reply_count=5)
    Thread.objects.update(last_seq=2)


def _lost_thread() -> None:
    _reply()
    Thread.objects.all().delete()
    Message.objects.filter(seq=1).update(reply_count=0)


def _wrong_pins() -> None:
    at = Message.objects.get(seq=1).created_at
    Message.objects.filter(seq__in=[1, 3]).update(pinned_at=at)
    Room.objects.filter(slug="garden").update(pins=[2, 3, 3])


def _reminder_of_what_is_done() -> None:
    message = Message.objects.get(seq=1)
    at = message.created_at
    SavedMessage.objects.create(user=message.author, message=message, done_at=at, remind_at=at)


def _scheduled(**facts: object) -> ScheduledMessage:
    room, alice = Room.objects.get(slug="garden"), Participant.objects.get(username="alice")
    due = datetime(2100, 7, 1, 10, tzinfo=UTC)
    row = {"user": alice, "room": room, "text": "later", "local": "2100-07-01T12:00", "zone": "Europe/Berlin"}
    return ScheduledMessage.objects.create(**row | {"due_at": due} | facts)


def _wrong_moment() -> None:
    _scheduled(due_at=datetime(2100, 7, 1, 11, tzinfo=UTC))


def _file() -> File:
    alice = Participant.objects.get(username="alice")
    file = File.objects.create(uploader=alice, key=new_key(), name="a.png", length=3, size=3, state="ready")
    files().save(place(file.key), ContentFile(b"abc"))
    return file


def _files_of_a_schedule_end() -> None:
    _scheduled(files=[_file().key])


def _emoji_without_its_picture_kept() -> None:
    file = _file()
    emoji = CustomEmoji.objects.create(file=file, made_by=file.uploader)
    EmojiName.objects.create(name="shipit", emoji=emoji)


@pytest.mark.parametrize(
    ("break_it", "says"),
    [
        (_wrong_thread, ["garden:1: reply_count is 5 and the newest reply 2; it has 1 replies up to 4."]),
        (_lost_thread, ["garden:1: reply_count is 0 and the newest reply 0; it has 1 replies up to 4."]),
        (_wrong_pins, ["garden: Its list of pins is [2, 3, 3], and the messages that say so are [1, 3]."]),
        (_reminder_of_what_is_done, ["garden:1: @alice has done it and is to be reminded."]),
        (
            _wrong_moment,
            ["It is due at 2100-07-01 11:00:00 UTC, and its clock shows 2100-07-01T12:00 at 2100-07-01 10"],
        ),
        (_files_of_a_schedule_end, ["1 files are deleted before it is sent."]),
        (
            _emoji_without_its_picture_kept,
            [":shipit:: Its picture is not kept, and would be deleted.", ":shipit:: None of its names is shown."],
        ),
        (_low_counters, ["garden: last_seq is 2, and a message has 3", "garden: last_rev is 2, and a message has 3"]),
        (_high_mark, ["garden: @bob has read_seq 9, hidden_seq 7, and the last message is 3."]),
        (_moved_mention, ["garden:2: A mention of it is stored as of message 3"]),
        (
            _deleted_by_hand,
            [f"garden:2: It is deleted and has 1 {what}." for what in ("mentions", "reactions", "earlier texts")],
        ),
        (_wrong_file_count, ["garden:1: file_count is 3, and it has 0 files."]),
        (_no_document, ["garden: 1 messages are not in the index"]),
        (_index_ahead, ["garden: The index is ahead of the room"]),
    ],
)
def test_a_fault_is_named_and_repaired(check: Check, break_it: Callable[[], None], says: list[str]) -> None:
    break_it()
    status, text = check()
    assert (status, [one for one in says if one not in text]) == (1, [])
    assert "can be repaired: add --repair." in text
    assert check().text.count("Repaired.") == 0, "without --repair nothing changes"
    repaired = check("--repair")
    assert (repaired.status, repaired.text.count("Repaired.")) == (0, len(says))
    while index_step():
        pass
    assert check().status == 0


def test_posting_goes_on_after_counters_were_repaired(check: Check, alice: Participant) -> None:
    _low_counters()
    assert check("--repair").status == 0
    [outcome] = messages_post([Draft(alice, "garden", "four")])
    assert getattr(outcome, "seq", None) == 4


def test_missing_messages_are_reported_and_no_repair_hides_them(check: Check, tmp_path: Path) -> None:
    Message.objects.filter(seq__in=[1, 3]).delete()
    report = tmp_path / "report.json"
    status, text = check("--repair", "--report", str(report))
    assert status == 1
    assert "garden: Message 1 is missing. A backup from before has them." in text
    assert [one["text"][:20] for one in json.loads(report.read_text()) if one["check"] == "numbers"] == [
        "Message 1 is missing",
        "Message 3 is missing",
    ]


def test_a_room_without_an_owner_is_reported(check: Check) -> None:
    Membership.objects.update(role=Membership.Role.MEMBER)
    status, text = check("--repair")
    assert status == 1
    assert "members and no owner. Make one of them the owner" in text


@pytest.fixture
def stored(settings: Settings, tmp_path: Path, alice: Participant) -> File:
    """A file of Alice of 5 bytes in a separate folder."""
    settings.STORAGES = settings.STORAGES | {
        "files": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    }
    file = File.objects.create(
        key=new_key(),
        uploader=alice,
        state=File.State.READY,
        name="plan.txt",
        length=5,
        size=5,
        media_type="text/plain",
    )
    files().save(place(file.key), ContentFile(b"12345"))
    return file


def test_files_are_compared_with_the_storage(check: Check, stored: File) -> None:
    assert check().status == 0
    Path(files().path(place(stored.key))).write_bytes(b"123")
    assert "“plan.txt” has 3 bytes in the storage, and 5 were written." in check("--repair").text
    Path(files().path(place(stored.key))).unlink()
    assert check("--repair").text.count("“plan.txt” is not in the storage.") == 1
    assert check("--no-files").status == 0


def test_left_over_bytes_are_deleted_when_they_are_old(check: Check, stored: File) -> None:
    files().save(place("ab" + "x" * 20), ContentFile(b"left"))
    assert check().status == 0, "it may belong to an upload"
    folder = Path(files().path(place("ab" + "x" * 20))).parent
    os.utime(folder, (0, 0))
    assert "1 stored parts belong to no file." in check().text
    assert check("--repair").status == 0
    assert not folder.exists()
    assert Path(files().path(place(stored.key))).exists()


def test_an_unknown_room_and_a_report_that_cannot_be_written_end_it_at_once(check: Check, tmp_path: Path) -> None:
    assert check("--room", "nowhere") == (2, "There is no room “nowhere”.")
    assert check("--report", str(tmp_path / "no" / "report.json")).status == 2


def test_repaired_pins_keep_their_order_and_what_is_gone_is_only_named(check: Check) -> None:
    _wrong_pins()
    check("--repair")
    assert Room.objects.get(slug="garden").pins == [1, 3]
    row = _scheduled(files=["A" * 22])
    emoji = CustomEmoji.objects.create(file=_file(), made_by=row.user)
    File.objects.update(state="gone")
    text = check("--repair").text
    for said in ("1 of its files are gone.", f"emoji {emoji.pk}: Its picture is gone.", "It has no name."):
        assert said in text
    ScheduledMessage.objects.update(zone="Mars/Base")
    assert "Its time 2100-07-01T12:00 in Mars/Base is none." in check("--repair").text
    Message.objects.filter(seq=2).update(thread=77)
    assert "garden:77: 1 replies belong to a thread whose first message is missing." in check("--repair").text
