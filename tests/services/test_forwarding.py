"""Forwarding: who may forward what and where, what the copy reveals of the original, and files that share bytes."""

import json
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone

from chat.access import access_file
from chat.media.pictures import Prepared
from chat.media.process import workers
from chat.models import File, Forward, Membership, Mention, Message, Participant, Room
from chat.protocol import events
from chat.protocol.errors import ChatError
from chat.queries.files import bytes_by, bytes_of_all
from chat.queries.message_states import message_states
from chat.services import files
from chat.services.data_checks.stored_files import check_files
from chat.services.emptying import messages_empty
from chat.services.forwarding import Origin
from chat.services.legal_holds import hold_begin
from chat.services.members import room_leave
from chat.services.messages import message_delete, message_edit, message_react
from chat.services.moderation import room_clear
from chat.services.posting import Draft, Posted, messages_post
from chat.services.rooms import direct_room_open, room_update
from support import people
from tests.services.conftest import Heard

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def folders(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders for this test only; the process that inspects files is bypassed."""
    settings.CHAT_UPLOADS_DIR = tmp_path / "uploads"
    settings.CHAT_UPLOADS_DIR.mkdir()
    where = {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": tmp_path / "files"}}
    settings.STORAGES = settings.STORAGES | {"files": where}
    monkeypatch.setattr(workers, "prepare", lambda path, folder: Prepared("text/plain", ""))
    return tmp_path


@pytest.fixture
def alice() -> Participant:
    return people.alice()


@pytest.fixture
def bob() -> Participant:
    return people.bob()


@pytest.fixture
def charlie() -> Participant:
    return people.charlie()


@pytest.fixture(autouse=True)
def rooms(alice: Participant, bob: Participant, charlie: Participant) -> None:
    """Alice and Bob are in the private garden and the public square, Bob and Charlie in the private cellar."""
    people.room("garden", owner=alice, members=[bob])
    people.room("square", owner=alice, members=[bob], kind="public")
    people.room("cellar", owner=charlie, members=[bob])


def say(user: Participant, room: str, text: str = "", *taken: File, **more: Any) -> int:
    [posted] = messages_post([Draft(user, room, text, files=tuple(file.key for file in taken), **more)])
    assert isinstance(posted, Posted), posted
    return posted.seq


def stored(user: Participant, content: bytes = b"some words") -> File:
    file = files.file_begin(user=user, name="note.txt", size=len(content))
    files.part_path(file.key).write_bytes(content)
    return files.file_complete(file=file)


def outcome(
    user: Participant,
    origin: tuple[str, int],
    to: str,
    comment: str = "",
    client_id: str | None = None,
    **place: Any,
) -> Any:
    return messages_post([Draft(user, to, comment, client_id, origin=Origin(*origin), **place)])[0]


def forward(user: Participant, origin: tuple[str, int], to: str, comment: str = "") -> events.Message:
    posted = outcome(user, origin, to, comment)
    assert isinstance(posted, Posted), posted
    return state(to, posted.seq)


def state(room: str, seq: int) -> events.Message:
    [found] = message_states(Message.objects.filter(room__slug=room, seq=seq))
    return found


def parts(folders: Path) -> list[str]:
    return sorted(path.name for path in (folders / "files").rglob("*") if path.is_file())


def test_a_comment_stands_before_the_text_and_where_that_begins_is_said(alice: Participant, bob: Participant) -> None:
    seq = say(alice, "square", "roses 🌹 are red")
    found = forward(bob, ("square", seq), "cellar", "for you 😀")
    assert found.message == "for you 😀\n\nroses 🌹 are red"
    assert found.forwarded
    assert found.message[found.forwarded.start :] == "roses 🌹 are red"
    assert (found.username, found.forwarded.username) == ("bob", "alice")
    assert found.forwarded.timestamp == state("square", seq).timestamp
    plain = forward(bob, ("square", seq), "cellar")
    assert (plain.message, plain.forwarded and plain.forwarded.start) == ("roses 🌹 are red", 0)


def test_a_message_is_forwarded_to_a_thread(alice: Participant, bob: Participant, charlie: Participant) -> None:
    seq = say(alice, "square", "roses", stored(alice))
    root = say(charlie, "cellar", "what grows here?")
    made = [
        outcome(bob, ("square", seq), "cellar", "this", client_id, thread=root, in_room=client_id is not None)
        for client_id in (None, "f1", "f1")
    ]
    first, second, again = (state("cellar", one.seq) for one in made)
    assert [(one.thread, one.in_room) for one in (first, second)] == [(root, False), (root, True)]
    assert again.seq == second.seq
    assert (first.message, first.forwarded and first.forwarded.username) == ("this\n\nroses", "alice")
    assert [file.name for file in first.files] == ["note.txt"]
    replies = state("cellar", root).replies
    assert (replies and replies.count) == 2
    # A person who may not write there, or a thread root that is not in that room.
    for user, thread, code in ((alice, root, "not_found"), (bob, 99, "not_found")):
        assert outcome(user, ("square", seq), "cellar", thread=thread).code == code


@pytest.mark.parametrize(
    ("source", "to", "said"),
    [
        ("square", "cellar", ("alice", "square")),
        ("garden", "cellar", ("alice", "")),
        ("garden", "garden", ("alice", "garden")),
        ("direct", "cellar", ("", "")),
    ],
)
def test_no_more_is_said_of_the_source_than_all_readers_may_know(
    source: str, to: str, said: tuple[str, str], alice: Participant, bob: Participant
) -> None:
    room = direct_room_open(user=alice, username="bob")[0].slug if source == "direct" else source
    seq = say(alice, room, "roses")
    found = forward(bob, (room, seq), to)
    assert found.forwarded
    assert (found.forwarded.username, found.forwarded.room) == said
    assert (found.forwarded.seq is not None) == bool(said[1])
    if room not in (source, to) or not said[1]:
        assert room not in found.encode().replace(f'"room":"{to}"', "")


def test_what_is_published_is_what_is_read_later(bob: Participant, alice: Participant) -> None:
    seq = say(alice, "square", "roses", stored(alice))
    posted = outcome(bob, ("square", seq), "cellar", "look @charlie")
    first = state("cellar", posted.seq)
    message_react(user=bob, room="cellar", seq=posted.seq, emoji="👍", on=True)
    later = state("cellar", posted.seq)
    assert later.forwarded == first.forwarded
    assert later.files == first.files
    assert later.mentions == ["charlie"]


def test_names_in_the_comment_are_called_and_those_in_the_forwarded_text_are_not(
    alice: Participant, bob: Participant
) -> None:
    seq = say(alice, "square", "ask @charlie and @bob, @room")
    forward(bob, ("square", seq), "cellar")
    assert not Mention.objects.filter(room__slug="cellar").exists()
    forward(bob, ("square", seq), "cellar", "@charlie?")
    assert [mention.user.username for mention in Mention.objects.filter(room__slug="cellar")] == ["charlie"]


@pytest.mark.parametrize("bad", ["deleted", "cleared", "system", "absent", "hidden", "left"])
def test_what_cannot_be_read_cannot_be_forwarded(
    bad: str, alice: Participant, bob: Participant, charlie: Participant
) -> None:
    seq, who, room = say(alice, "garden", "roses"), bob, "garden"
    if bad == "deleted":
        message_delete(user=alice, room="garden", seq=seq)
    elif bad == "cleared":
        room_clear(user=alice, room="garden")
    elif bad == "system":
        room_update(user=alice, room="garden", topic="weeds")
        seq += 1
    elif bad == "absent":
        seq = 99
    elif bad == "left":
        room_leave(user=bob, room="garden")
    else:
        who = charlie
    refused = outcome(who, (room, seq), "cellar")
    assert isinstance(refused, ChatError)
    assert refused.code == "not_found"
    assert not Message.objects.filter(room__slug="cellar").exists()
    if bad in ("hidden", "left"):
        assert refused.message == outcome(who, ("nowhere", 1), "cellar").message


def test_the_rules_of_the_target_are_those_of_posting(
    alice: Participant, bob: Participant, charlie: Participant
) -> None:
    seq = say(alice, "square", "roses")
    assert outcome(charlie, ("square", seq), "garden").code == "not_found"
    assert outcome(alice, ("square", seq), "nowhere").code == "not_found"
    room_update(user=charlie, room="cellar", posting="moderators")
    assert outcome(bob, ("square", seq), "cellar").code == "forbidden"
    room_update(user=charlie, room="cellar", posting="everyone", slow_seconds=60)
    assert isinstance(outcome(bob, ("square", seq), "cellar"), Posted)
    assert outcome(bob, ("square", seq), "cellar").code == "rate_limited"
    Membership.objects.filter(room__slug="cellar").update(muted_until=timezone.now() + timedelta(hours=1))
    assert outcome(bob, ("square", seq), "cellar").code == "muted"


def test_a_text_with_its_comment_keeps_to_the_limit_of_a_message(
    alice: Participant, bob: Participant, settings: Any
) -> None:
    settings.CHAT_MESSAGE_MAX_CHARS = 20
    seq = say(alice, "square", "x" * 15)
    assert isinstance(outcome(bob, ("square", seq), "cellar", "abc"), Posted)
    refused = outcome(bob, ("square", seq), "cellar", "abcd")
    assert (refused.code, refused.fields) == ("invalid", {"message": "must have at most 20 characters"})


def test_a_repetition_is_the_first_also_when_the_source_is_gone(alice: Participant, bob: Participant) -> None:
    seq = say(alice, "square", "roses")
    first = outcome(bob, ("square", seq), "cellar", "look", "c1")
    message_delete(user=alice, room="square", seq=seq)
    again = outcome(bob, ("square", seq), "cellar", "look", "c1")
    assert (again.seq, again.duplicate) == (first.seq, True)
    assert outcome(bob, ("square", seq + 1), "cellar", "look", "c1").code == "conflict"
    assert outcome(bob, ("square", seq), "cellar", "look", "c2").code == "not_found"


def test_a_forward_of_a_forward_is_one_of_the_first_message(alice: Participant, bob: Participant) -> None:
    seq = say(alice, "square", "roses")
    between = forward(bob, ("square", seq), "cellar", "look here")
    found = forward(bob, ("cellar", between.seq), "garden", "again")
    assert found.message == "again\n\nroses"
    assert found.forwarded
    assert (found.forwarded.username, found.forwarded.room, found.forwarded.seq) == ("alice", "square", seq)


def test_a_reply_of_a_thread_is_forwarded_as_any_message(alice: Participant, bob: Participant) -> None:
    seq = say(alice, "square", "roses")
    reply = say(bob, "square", "are red", thread=seq, in_room=False)
    found = forward(bob, ("square", reply), "cellar")
    assert (found.message, found.thread, found.in_room) == ("are red", None, True)


def test_a_forwarded_message_is_not_edited_and_ends_with_its_deletion(alice: Participant, bob: Participant) -> None:
    seq = say(alice, "square", "roses")
    for end in ("delete", "empty", "admin"):
        made = forward(bob, ("square", seq), "cellar", "look")
        with pytest.raises(ChatError, match=r"^forbidden: A forwarded message cannot be edited"):
            message_edit(user=bob, room="cellar", seq=made.seq, text="forged")
        if end == "delete":
            message_delete(user=bob, room="cellar", seq=made.seq)
        elif end == "empty":
            messages_empty(Room.objects.get(slug="cellar"), [Message.objects.get(room__slug="cellar", seq=made.seq)])
        else:
            alice.is_staff = True
            alice.save()
            message_edit(user=alice, room="cellar", seq=made.seq, text="removed", via_admin=True)
        assert state("cellar", made.seq).forwarded is None
        assert not Forward.objects.exists()


def test_files_are_stored_once_and_seen_by_those_who_see_a_message_that_has_them(
    alice: Participant, bob: Participant, charlie: Participant, folders: Path
) -> None:
    source = stored(alice)
    seq = say(alice, "garden", "", source)
    found = forward(bob, ("garden", seq), "cellar")
    [copy] = found.files
    assert (copy.name, copy.size, copy.type, copy.id != source.key) == ("note.txt", 10, "text/plain", True)
    assert parts(folders) == ["main"]
    # Charlie can read only the cellar, Alice only the garden.
    assert access_file(user=charlie, key=copy.id).bytes_key == source.key
    assert access_file(user=alice, key=source.key).key == source.key
    for user, key in ((charlie, source.key), (alice, copy.id)):
        with pytest.raises(ChatError, match=r"^not_found"):
            access_file(user=user, key=key)
    assert list(check_files(repair=False)) == []


@pytest.mark.parametrize("first", ["source", "copy"])
def test_the_bytes_stay_until_the_last_message_that_shows_them_is_gone(
    first: str, alice: Participant, bob: Participant, charlie: Participant, folders: Path
) -> None:
    source = stored(alice)
    seq = say(alice, "garden", "", source)
    made = forward(bob, ("garden", seq), "cellar")
    ends = [(alice, "garden", seq), (bob, "cellar", made.seq)]
    if first == "copy":
        ends.reverse()
    user, room, number = ends[0]
    message_delete(user=user, room=room, seq=number)
    files.sweep()
    assert parts(folders) == ["main"]
    reader, key = (charlie, made.files[0].id) if first == "source" else (bob, source.key)
    assert access_file(user=reader, key=key).bytes_key == source.key
    assert list(check_files(repair=False)) == []
    user, room, number = ends[1]
    message_delete(user=user, room=room, seq=number)
    files.sweep()
    assert parts(folders) == []
    assert not File.objects.exists()


def test_folders_of_files_that_only_others_show_are_not_left_over(
    alice: Participant, bob: Participant, folders: Path
) -> None:
    seq = say(alice, "garden", "", stored(alice))
    forward(bob, ("garden", seq), "cellar")
    message_delete(user=alice, room="garden", seq=seq)
    files.sweep()
    for path in (folders / "files").glob("*/*"):
        os.utime(path, (0, 0))
    assert list(check_files(repair=True)) == []
    assert parts(folders) == ["main"]


def test_bytes_count_once_and_against_the_one_who_forwarded_them_when_the_first_is_gone(
    alice: Participant, bob: Participant
) -> None:
    seq = say(alice, "garden", "", stored(alice))
    made = forward(bob, ("garden", seq), "cellar")
    again = forward(bob, ("cellar", made.seq), "square")
    assert (bytes_by([alice.pk, bob.pk]), bytes_of_all()) == ({alice.pk: 10}, 10)
    message_delete(user=alice, room="garden", seq=seq)
    files.sweep()
    assert (bytes_by([alice.pk, bob.pk]), bytes_of_all()) == ({bob.pk: 10}, 10)
    message_delete(user=bob, room="cellar", seq=made.seq)
    files.sweep()
    assert (bytes_by([bob.pk]), bytes_of_all()) == ({bob.pk: 10}, 10)
    message_delete(user=bob, room="square", seq=again.seq)
    files.sweep()
    assert (bytes_by([bob.pk]), bytes_of_all()) == ({}, 0)


def test_files_under_a_hold_stay_for_the_hold_alone(
    alice: Participant, bob: Participant, charlie: Participant, folders: Path
) -> None:
    seq = say(alice, "garden", "", stored(alice))
    made = forward(bob, ("garden", seq), "cellar")
    hold_begin(actor="root", reason="Case 7", room=Room.objects.get(slug="garden"))
    message_delete(user=alice, room="garden", seq=seq)
    message_delete(user=bob, room="cellar", seq=made.seq)
    files.sweep()
    assert parts(folders) == ["main"]
    assert list(File.objects.values_list("state", flat=True)) == [File.State.HELD]


def test_more_files_than_a_message_takes_are_refused(alice: Participant, bob: Participant, settings: Any) -> None:
    seq = say(alice, "garden", "", *[stored(alice) for _ in range(10)])
    assert len(forward(bob, ("garden", seq), "cellar").files) == 10
    settings.CHAT_FILES_PER_MESSAGE = 9
    assert outcome(bob, ("garden", seq), "cellar").fields == {"files": "takes at most 9 files"}


def test_forwards_and_a_message_in_one_batch(
    alice: Participant, bob: Participant, charlie: Participant, heard: Heard
) -> None:
    Participant.objects.filter(pk=bob.pk).update(kind=Participant.Kind.BOT, name_shared=True)
    seq = say(alice, "garden", "with a file", stored(alice))
    plain = say(alice, "square", "roses")
    root = say(charlie, "cellar", "what grows here?")
    own = stored(bob)
    origin = Origin("garden", seq)
    drafts = [
        Draft(bob, "cellar", "one", origin=origin),
        Draft(bob, "cellar", "two @charlie", "c1", reply_to=root, files=(own.key,)),
        Draft(bob, "cellar", "", origin=origin, thread=root, in_room=False),
        Draft(bob, "cellar", "", origin=Origin("square", plain)),
        Draft(bob, "cellar", "", origin=Origin("garden", 99)),
    ]
    with heard() as told:
        *posted, refused = messages_post(drafts)
    assert isinstance(refused, ChatError)
    states = [state("cellar", one.seq) for one in posted if isinstance(one, Posted)]
    assert [one.message for one in states] == ["one\n\nwith a file", "two @charlie", "with a file", "roses"]
    assert told[:4] == [json.loads(one.encode()) for one in states], "what is published is what is read later"
    keys = [file.id for one in states for file in one.files]
    assert (len(set(keys)), keys[1]) == (3, own.key)
    assert Message.objects.filter(room__slug="cellar", seq=F("rev")).count() == 4
