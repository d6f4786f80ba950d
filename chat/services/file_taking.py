"""A message takes files, and gives them up when it is deleted. Runs in the message's transaction."""

from collections.abc import Collection, Mapping, Sequence

from django.conf import settings

from chat.models import File, Message, Participant
from chat.protocol.errors import ChatError, Code

# Used instead of a message id: an earlier draft of the same batch takes the file.
TAKEN = -1


def files_locked(keys: Collection[str]) -> dict[str, File]:
    """These files by key, locked until the transaction ends; in id order, as every batch locks them."""
    rows = File.objects.select_for_update().filter(key__in=keys).order_by("id")
    return {file.key: file for file in rows}


def files_problem(keys: Sequence[str], author_id: int, found: Mapping[str, File]) -> ChatError | None:
    """Why a message of this person cannot take these files, or None. Does not reveal a file's owner."""
    if problem := files_too_many(keys):
        return problem
    for key in keys:
        file = found.get(key)
        if file is None or file.uploader_id != author_id or file.state not in File.PRESENT or file.kept or file.archive:
            return invalid_files("has a file that is not there", "A file of the message is not there. Send it again.")
        if file.message_id is not None:
            return invalid_files("has a file that was sent before", "A file can be sent once. Upload it again.")
        if file.state != File.State.READY:
            return invalid_files("has a file that has not arrived", "A file of the message has not arrived completely.")
    return None


def files_too_many(keys: Sequence[str]) -> ChatError | None:
    """The error for more files than a message takes, or None."""
    most = settings.CHAT_FILES_PER_MESSAGE
    if len(keys) <= most:
        return None
    return invalid_files(f"takes at most {most} files", f"Only {most} files fit in one message.")


def invalid_files(problem: str, sentence: str) -> ChatError:
    """The error for a file, or for a message because of its files."""
    return ChatError(Code.INVALID, sentence, fields={"files": problem})


def files_take(taken: Mapping[Message, Sequence[File]]) -> None:
    """Give these locked files to these messages."""
    rows = []
    for message, files in taken.items():
        for position, file in enumerate(files):
            file.message, file.position = message, position
            rows.append(file)
        message.file_count = len(files)
    File.objects.bulk_update(rows, ["message", "position"])
    Message.objects.bulk_update(taken, ["file_count"])


def files_give_up(message: Message, *, held: bool = False) -> None:
    """Detach the message's files; the sweep deletes their bytes unless `held`. The caller saves the message."""
    if message.file_count:
        message.files.update(state=File.State.HELD if held else File.State.GONE, message=None)
        message.file_count = 0


def uploads_of_account_end(*, user: Participant) -> None:
    """End a deleted account's uploads that no message, room or emoji took; the sweep deletes their bytes."""
    theirs = File.objects.present().filter(uploader=user, message=None, room=None, emoji=None)
    theirs.update(state=File.State.GONE, kept=False)
