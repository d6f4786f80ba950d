"""Batches of files whose bytes have arrived: opened in parallel threads, and recorded in two transactions."""

from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from chat import metrics
from chat.media.refused import Refused
from chat.models import File, Participant
from chat.protocol.errors import ChatError
from chat.services.files import (
    Used,
    check_room_for,
    file_discard,
    file_open,
    file_ready,
    file_refuse,
    part_path,
    tidy_name,
    used_by,
)
from chat.services.sql_pipeline import run_together, updating

Problem = Refused | ChatError | None
# Raw SQL: through the ORM each file is a statement of its own, which takes 0.4 ms.
_READY = updating(
    File._meta.db_table,
    {
        "state": "text",
        "size": "bigint",
        "media_type": "text",
        "width": "bigint",
        "height": "bigint",
        "duration": "double precision",
        "placeholder": "text",
        "thumbs": "text",
        "id": "bigint",
    },
)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file at `path`, and the id of its user. Only this process uses the file, so it is moved from there."""

    user: int
    path: Path
    size: int
    name: str


@dataclass(frozen=True, slots=True)
class Begun:
    """The files of a batch in order, or their refusals; and by file key, the outcome of opening each."""

    files: list[File | ChatError]
    opened: dict[str, "Future[Problem]"] = field(default_factory=dict)


def files_begin(arrived: Sequence[Arrived], pool: Executor) -> Begun:
    """Create a file row for each, or refuse it, as `file_begin` does; the threads of `pool` open and store the files.

    The caller passes the result to `files_end` or to `files_discard`.
    """
    begun = Begun(_noted(arrived) if arrived else [])
    for one, file in zip(arrived, begun.files, strict=True):
        if isinstance(file, File):
            begun.opened[file.key] = pool.submit(_opened, one, file)
    return begun


def files_end(begun: Begun) -> list[File | ChatError]:
    """Wait for the files; returns each, ready to be sent, or its refusal, as `file_complete`. Deletes the refused
    ones, and all of them when this raises."""
    try:
        problems = {key: opened.result() for key, opened in begun.opened.items()}
        if not problems:
            return begun.files
        stored = [one for one in begun.files if isinstance(one, File) and problems[one.key] is None]
        with transaction.atomic():
            there = _ready(stored)
        return [_kept(file, problems[file.key], there) if isinstance(file, File) else file for file in begun.files]
    except BaseException:
        files_discard(begun)
        raise


def files_discard(begun: Begun) -> None:
    """Delete the files that no message took."""
    for opened in begun.opened.values():
        if not opened.cancel():
            # It is being stored: wait, or its bytes would stay behind.
            opened.exception()
    for file in begun.files:
        if isinstance(file, File):
            file_discard(file=file)


@transaction.atomic
def _noted(arrived: Sequence[Arrived]) -> list[File | ChatError]:
    # Locked, so that each of several concurrent uploads counts the ones before it.
    users = Participant.objects.select_for_update(no_key=True).filter(pk__in={one.user for one in arrived})
    people = {user.pk: user for user in users.order_by("pk")}
    used = used_by(people)
    found = [_noted_one(one, people[one.user], used) for one in arrived]
    File.objects.bulk_create(one for one in found if isinstance(one, File))
    return found


def _noted_one(one: Arrived, user: Participant, used: Used) -> File | ChatError:
    name = tidy_name(one.name)
    try:
        check_room_for(user=user, size=one.size, name=name, used=used)
    except ChatError as refused:
        return refused
    used.add(user.pk, one.size)
    return File(uploader=user, name=name, length=one.size, size=one.size)


def _opened(one: Arrived, file: File) -> Problem:
    """Store the file. Runs in a thread, without the database."""
    try:
        one.path.rename(part_path(file.key))
        file_open(file=file, ours=True)
    except (Refused, ChatError) as error:
        return error
    return None


def _ready(files: Sequence[File]) -> set[int]:
    """Mark these files as ready; returns the ids of those that were not deleted meanwhile."""
    waiting = File.objects.select_for_update().filter(pk__in=[one.pk for one in files], state=File.State.UPLOADING)
    there = set(waiting.order_by("pk").values_list("pk", flat=True)) if files else set()
    for one in files:
        one.state = File.State.READY.value
    rows = [tuple(getattr(one, name) for name in _READY.columns) for one in files if one.pk in there]
    if rows:
        run_together((_READY, rows))
    return there


def _kept(file: File, problem: Problem, there: set[int]) -> File | ChatError:
    if isinstance(problem, Refused):
        return file_refuse(file=file, refused=problem)
    if isinstance(problem, ChatError):
        file_discard(file=file)
        return problem
    if file.pk not in there:
        try:
            return file_ready(file=file)
        except ChatError as gone:
            return gone
    metrics.FILES.labels("stored").inc()
    metrics.FILE_BYTES.labels("stored").inc(file.size)
    part_path(file.key).unlink(missing_ok=True)
    return file
