"""Several files whose bytes have arrived: opened side by side, and noted in two transactions for all."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from chat.media.process import WORKERS
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


@dataclass(frozen=True, slots=True)
class Arrived:
    """A file at `path`, and whose it is."""

    user: int
    path: Path
    size: int
    name: str


def files_keep(arrived: Sequence[Arrived]) -> list[File | ChatError]:
    """Make a file of each, or the refusal of it: as `file_keep`, for some twenty at once. Nothing stays of those that
    are refused, nor of any when this raises."""
    found = _begun(arrived)
    begun = [(one, file) for one, file in zip(arrived, found, strict=True) if isinstance(file, File)]
    try:
        with ThreadPoolExecutor(WORKERS) as pool:
            problems = pool.map(_opened, begun)
            opened = {file.key: problem for (_, file), problem in zip(begun, problems, strict=True)}
        with transaction.atomic():
            return [_kept(file, opened[file.key]) if isinstance(file, File) else file for file in found]
    except BaseException:
        for _, file in begun:
            file_discard(file=file)
        raise


@transaction.atomic
def _begun(arrived: Sequence[Arrived]) -> list[File | ChatError]:
    # Of files that begin at the same moment each counts those before it.
    users = Participant.objects.select_for_update(no_key=True).filter(pk__in={one.user for one in arrived})
    people = {user.pk: user for user in users.order_by("pk")}
    used = used_by(people)
    found = [_begin(one, people[one.user], used) for one in arrived]
    File.objects.bulk_create(one for one in found if isinstance(one, File))
    return found


def _begin(one: Arrived, user: Participant, used: Used) -> File | ChatError:
    name = tidy_name(one.name)
    try:
        check_room_for(user=user, size=one.size, name=name, used=used)
    except ChatError as refused:
        return refused
    used.add(user.pk, one.size)
    return File(uploader=user, name=name, length=one.size, size=one.size)


def _opened(begun: tuple[Arrived, File]) -> Refused | ChatError | None:
    """In a thread: store the file, without the database."""
    one, file = begun
    try:
        one.path.rename(part_path(file.key))
        file_open(file=file)
    except (Refused, ChatError) as error:
        return error
    return None


def _kept(file: File, problem: Refused | ChatError | None) -> File | ChatError:
    if isinstance(problem, Refused):
        return file_refuse(file=file, refused=problem)
    try:
        if problem is None:
            return file_ready(file=file)
    except ChatError as error:
        return error
    file_discard(file=file)
    return problem
