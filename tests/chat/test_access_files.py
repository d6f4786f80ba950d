"""Access to files, pictures and uploads: who may read them, in which state, and of which message or room."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from chat.access import access_file, access_picture, access_upload
from chat.models import Ban, File, Message, Participant, Room
from chat.protocol.errors import ChatError
from chat.services.posting import Draft, messages_post
from support import people
from support.cast import alice, bob, charlie, garden

__all__ = ["alice", "bob", "charlie", "garden"]

HIDDEN = {
    access_file: "There is no such file, or you may not see it.",
    access_picture: "There is no such picture, or you may not see it.",
    access_upload: "There is no such upload, or you may not see it.",
}


def file_of(uploader: Participant, **facts: Any) -> File:
    usual = {"uploader": uploader, "name": "a.txt", "length": 1, "size": 1, "state": "ready"}
    return File.objects.create(**usual | facts)


def hidden(access: Callable[..., File], user: Participant, key: str) -> bool:
    """Whether access is refused as if the file did not exist."""
    try:
        found = access(user=user, key=key)
    except ChatError as error:
        refused = error
    else:
        assert found.key == key
        return False
    assert (refused.code.value, refused.message) == ("not_found", HIDDEN[access])
    return True


@pytest.fixture
def shown(garden: Room, alice: Participant) -> File:
    """The file of Alice's second message in the garden; she has another file."""
    file_of(alice)
    messages_post([Draft(alice, "garden", "one"), Draft(alice, "garden", "two")])
    return file_of(alice, message=Message.objects.get(room=garden, seq=2))


# --- Files -------------------------------------------------------------------------------------------


def test_the_file_of_a_message_is_for_those_who_read_the_room(
    shown: File, alice: Participant, bob: Participant, charlie: Participant
) -> None:
    assert [hidden(access_file, user, shown.key) for user in (alice, bob, charlie)] == [False, False, True]


def test_the_uploader_who_left_the_room_does_not_see_the_file_any_more(shown: File, charlie: Participant) -> None:
    File.objects.filter(pk=shown.pk).update(uploader=charlie)
    assert hidden(access_file, charlie, shown.key)


def test_a_file_that_no_message_took_is_for_its_uploader_alone(
    garden: Room, alice: Participant, bob: Participant
) -> None:
    file = file_of(bob)
    assert [hidden(access_file, user, file.key) for user in (alice, bob)] == [True, False]


def test_the_file_of_a_deleted_and_of_a_cleared_message_is_hidden(
    shown: File, garden: Room, alice: Participant
) -> None:
    message = Message.objects.filter(seq=2)
    message.update(deleted_at=timezone.now(), text="")
    assert hidden(access_file, alice, shown.key)
    message.update(deleted_at=None)
    Room.objects.filter(pk=garden.pk).update(cleared_before_seq=3)
    assert hidden(access_file, alice, shown.key)
    Room.objects.filter(pk=garden.pk).update(cleared_before_seq=2)
    assert not hidden(access_file, alice, shown.key), "the clearing ended before it"


@pytest.mark.parametrize(
    "facts", [{"state": "uploading"}, {"state": "gone"}, {"state": "held"}, {"kept": True}, {"archive": True}]
)
def test_what_is_not_a_stored_file_is_hidden_from_its_uploader_too(bob: Participant, facts: dict[str, Any]) -> None:
    file = file_of(bob, **facts)
    assert hidden(access_file, bob, file.key)


def test_the_message_and_its_room_come_with_the_file(
    shown: File, bob: Participant, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    access_file(user=bob, key=shown.key)
    # The file with message and room, and the membership.
    with django_assert_num_queries(2):
        access_file(user=bob, key=shown.key)


# --- Pictures ----------------------------------------------------------------------------------------


def test_the_picture_of_a_person_is_for_all(bob: Participant, charlie: Participant) -> None:
    picture, file = file_of(bob, kept=True), file_of(bob)
    assert [hidden(access_picture, user, picture.key) for user in (bob, charlie)] == [False, False]
    assert hidden(access_picture, bob, file.key), "a file is no picture"
    assert hidden(access_picture, bob, "absent")


@pytest.mark.parametrize("state", ["uploading", "gone", "held"])
def test_a_picture_whose_bytes_are_not_there_is_hidden(bob: Participant, state: str) -> None:
    assert hidden(access_picture, bob, file_of(bob, kept=True, state=state).key)


def test_the_picture_of_a_room_is_for_those_who_may_read_there(
    garden: Room,
    alice: Participant,
    bob: Participant,
    charlie: Participant,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    picture = file_of(alice, kept=True, room=garden)
    assert [hidden(access_picture, user, picture.key) for user in (alice, bob, charlie)] == [False, False, True]
    with django_assert_num_queries(2):
        access_picture(user=bob, key=picture.key)
    park = people.room("park", owner=alice, kind="public")
    picture = file_of(alice, kept=True, room=park)
    assert not hidden(access_picture, charlie, picture.key)
    Ban.objects.create(user=charlie, room=park, until=timezone.now() + timedelta(hours=1))
    assert hidden(access_picture, charlie, picture.key)


# --- Uploads -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["uploading", "ready"])
def test_an_upload_is_its_uploaders_until_a_message_takes_it(
    shown: File, alice: Participant, bob: Participant, state: str
) -> None:
    _, upload = file_of(bob), file_of(bob, state=state)
    assert [hidden(access_upload, user, upload.key) for user in (alice, bob)] == [True, False]
    assert hidden(access_upload, alice, shown.key), "a message took it"


@pytest.mark.parametrize("facts", [{"state": "gone"}, {"state": "held"}, {"kept": True}])
def test_what_is_deleted_or_a_picture_is_no_upload(bob: Participant, facts: dict[str, Any]) -> None:
    assert hidden(access_upload, bob, file_of(bob, **facts).key)
    assert hidden(access_upload, bob, "absent")
