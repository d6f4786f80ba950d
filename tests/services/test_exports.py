"""Exports that people request: who may, how they are prepared, and when they expire."""

import errno
import io
import os
import zipfile
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from chat import storage
from chat.models import AuditEntry, Export, Participant, Room, TransferWork
from chat.protocol.errors import ChatError
from chat.services.data_checks.stored_files import check_files
from chat.services.exports.preparing import export_prepare
from chat.services.exports.requests import export_download, export_place, export_start
from chat.services.messages import message_react
from chat.services.moderation import member_kick
from chat.services.posting import Draft, messages_post
from chat.services.rooms import room_update
from chat.services.transfers import transfers_free, transfers_wait, transfers_work
from support.people import login_of, person, room

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> Participant:
    """The owner of the garden, where Bob wrote; Charlie owns a shed."""
    alice, bob, charlie = person("alice"), person("bob"), person("charlie")
    room("garden", owner=alice, members=[bob])
    room("shed", owner=charlie)
    room("square", owner=charlie, kind=Room.Kind.PUBLIC)
    messages_post([Draft(alice, "garden", "hello"), Draft(bob, "garden", "hi"), Draft(charlie, "shed", "secret")])
    messages_post([Draft(charlie, "square", "fair today")])
    return alice


def named(name: str) -> Participant:
    return Participant.objects.get(username=name)


@pytest.fixture
def boss(alice: Participant) -> Participant:
    made = person("boss", is_staff=True)
    login = login_of(made)
    login.is_superuser = True
    login.save()
    return Participant.objects.get(pk=made.pk)


def written(export: Export) -> str:
    """The messages of an export that is ready."""
    export.refresh_from_db()
    assert export.state == Export.State.READY
    data = b"".join(storage.pieces(export_place(export), 0, export.size))
    assert len(data) == export.size
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return archive.read("messages.jsonl").decode()


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(ChatError) as refused:
        call()
    return refused.value.code.value


def test_a_person_gets_what_they_wrote_and_the_file_ends_after_seven_days(alice: Participant) -> None:
    export = export_start(user=alice, scope="person")
    assert transfers_wait()
    export_prepare(export)
    found = written(export)
    assert "hello" in found
    assert "hi" not in found
    assert export.expires_at
    assert export.expires_at - timezone.now() > timedelta(days=6)
    assert export_download(user=alice, number=export.pk) == export
    Export.objects.update(expires_at=timezone.now())
    assert refusal(lambda: export_download(user=alice, number=export.pk)) == "not_found"
    transfers_work_here()
    export.refresh_from_db()
    assert export.state == Export.State.EXPIRED
    with pytest.raises(FileNotFoundError):
        next(storage.pieces(export_place(export), 0, 1))
    assert [entry.detail["act"] for entry in AuditEntry.objects.order_by("pk")] == ["start", "download"]


def transfers_work_here() -> None:
    """Run the transfers without a second connection, which would not see this test's transaction."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("chat.services.transfers.Heartbeat.start", lambda _: None)
        patched.setattr("chat.services.transfers.Heartbeat.join", lambda _: None)
        assert transfers_work()


def test_who_may_ask_for_what(alice: Participant, boss: Participant) -> None:
    bob = named("bob")

    def asked(user: Participant, **wanted: str) -> str:
        try:
            export_start(user=user, **wanted).delete()  # type: ignore[arg-type]
        except ChatError as error:
            return error.code.value
        return "granted"

    assert asked(alice, scope="room", room="garden") == "granted"
    assert asked(bob, scope="room", room="garden") == "forbidden"
    assert asked(bob, scope="room", room="shed") == "not_found"
    assert asked(bob, scope="room", room="nowhere") == "not_found"
    assert asked(bob, scope="room", room="square") == "forbidden"
    assert [asked(bob, scope=scope) for scope in ("all", "public", "person")] == ["forbidden", "forbidden", "granted"]
    assert asked(bob, scope="person", person="alice") == "forbidden"
    assert asked(boss, scope="person", person="bob") == "granted"
    assert [asked(boss, scope=scope) for scope in ("all", "public")] == ["granted", "granted"]
    assert asked(boss, scope="room", room="shed") == "granted"
    clerk = person("clerk", is_staff=True)
    assert [asked(clerk, scope=scope) for scope in ("all", "public")] == ["forbidden", "granted"]
    assert asked(clerk, scope="room", room="shed") == "not_found"


def test_what_has_become_of_a_room_since_one_left_is_not_in_ones_own_export(alice: Participant) -> None:
    bob = named("bob")
    messages_post([Draft(bob, "garden", "mine")])
    message_react(user=alice, room="garden", seq=2, emoji="👍", on=True)

    def exported(format_name: str) -> str:
        export = export_start(user=bob, scope="person", format_name=format_name)
        export_prepare(export)
        export.refresh_from_db()
        data = b"".join(storage.pieces(export_place(export), 0, export.size))
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return "".join(archive.read(name).decode() for name in archive.namelist())

    for format_name in Export.Format.values:
        assert all(said in exported(format_name) for said in ("mine", "Garden", "👍"))
    member_kick(user=alice, room="garden", username="bob")
    room_update(user=alice, room="garden", title="The orchard", topic="What Bob is not to know")
    room_update(user=alice, room="garden", archived=True)
    for format_name in Export.Format.values:
        after = exported(format_name)
        assert "mine" in after
        assert [said for said in ("orchard", "Garden", "not to know", "👍", '"archived":true') if said in after] == []


def test_an_export_of_a_person_who_went_with_the_import_that_brought_them_holds_nothing(
    alice: Participant, boss: Participant
) -> None:
    person("gone")
    waiting = export_start(user=boss, scope="person", person="gone")
    named("gone").delete()
    export_prepare(Export.objects.get(pk=waiting.pk))
    waiting.refresh_from_db()
    assert (waiting.state, waiting.size) == (Export.State.FAILED, 0)


def test_an_export_of_public_rooms_holds_no_others(boss: Participant) -> None:
    export = export_start(user=boss, scope="public")
    export_prepare(export)
    assert "fair today" in written(export)
    assert "secret" not in written(export)


def test_one_at_a_time_and_only_for_the_one_who_asked(alice: Participant, boss: Participant) -> None:
    export = export_start(user=alice, scope="room", room="garden")
    assert refusal(lambda: export_start(user=alice, scope="person")) == "conflict"
    assert refusal(lambda: export_download(user=alice, number=export.pk)) == "conflict"
    export_prepare(export)
    assert refusal(lambda: export_download(user=boss, number=export.pk)) == "not_found"
    Room.objects.get(slug="garden").memberships.filter(user=alice).update(role="member")
    assert refusal(lambda: export_download(user=alice, number=export.pk)) == "forbidden"


def test_a_full_disk_fails_the_export_with_a_sentence_and_leaves_nothing(
    alice: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> Iterator[bytes]:
        yield b"half"
        raise OSError(errno.ENOSPC, "No space left on device")

    export = export_start(user=alice, scope="person")
    with monkeypatch.context() as patched:
        patched.setattr("chat.services.exports.preparing.archive_stream", full)
        export_prepare(export)
    export.refresh_from_db()
    assert (export.state, export.problem) == ("failed", "The server has no space left. Tell an administrator.")
    assert not storage.files().exists(export_place(export))
    export_prepare(export_start(user=alice, scope="person"))
    monkeypatch.setattr("chat.services.exports.requests.free_place", lambda: 1)
    assert refusal(lambda: export_start(user=alice, scope="person")) == "quota"


@pytest.mark.django_db(transaction=True)
def test_a_disk_that_is_full_in_the_middle_ends_what_the_export_reads(
    alice: Participant, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = export_start(user=alice, scope="person")
    monkeypatch.setattr("chat.services.exports.preparing.free_place", lambda: 1)
    monkeypatch.setattr("chat.services.exports.preparing.LOOK_BYTES", 1)
    export_prepare(export)
    connection.close()
    export.refresh_from_db()
    assert (export.state, export.problem) == ("failed", "The server has no space left. Tell an administrator.")


def test_what_a_killed_process_left_is_written_anew_and_three_tries_are_enough(alice: Participant) -> None:
    export = export_start(user=alice, scope="person")
    storage.store_pieces(iter([b"half of it"]), export_place(export), "application/zip")
    export_prepare(export)
    assert "hello" in written(export)
    Export.objects.update(state="preparing", tries=3)
    export_prepare(Export.objects.get())
    assert Export.objects.get().problem == "It could not be prepared. The log of the server says why."


def test_one_process_has_the_work_and_another_takes_it_when_its_time_is_over(alice: Participant) -> None:
    export_start(user=alice, scope="person")
    TransferWork.objects.create(pk=1, holder="0" * 32, expires_at=timezone.now() + timedelta(seconds=9))
    assert (transfers_wait(), transfers_free()) == (True, False)
    assert not transfers_work()
    TransferWork.objects.update(expires_at=timezone.now())
    assert (transfers_wait(), transfers_free()) == (True, True)
    transfers_work_here()
    assert (Export.objects.get().state, transfers_wait()) == ("ready", False)


def test_a_check_of_the_files_leaves_an_export_alone(alice: Participant) -> None:
    export = export_start(user=alice, scope="person")
    export_prepare(export)
    before = timezone.now() - timedelta(days=3)
    place = Path(storage.files().path(export_place(export))).parent
    os.utime(place, (before.timestamp(), before.timestamp()))
    assert [finding.place for finding in check_files(repair=True) if finding.place == export.key] == []
    assert "hello" in written(export)


def test_five_exports_of_a_person_are_kept(alice: Participant) -> None:
    for _ in range(6):
        export_prepare(export_start(user=alice, scope="person", files=False))
    assert [one.state for one in Export.objects.order_by("pk")] == ["expired", *["ready"] * 5]
