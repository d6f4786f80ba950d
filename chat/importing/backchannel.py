"""The archive that `manage.py export` writes: `manifest.json`, lists in JSON lines, and files."""

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from chat.importing import clocks
from chat.importing.archives import Archive
from chat.importing.documents import DAMAGE, document, lines
from chat.importing.stream import File, Message, NotAnExport, Options, Person, Room, RoomKind, Stream
from chat.importing.words import clean, mapping, mentioned, objects, one_line, outside_code, whole

FORMAT, VERSION = "backchannel-export", 1
_LISTS = ("people.jsonl", "rooms.jsonl", "messages.jsonl")
_KINDS: tuple[RoomKind, ...] = ("public", "private", "group", "direct")


def read(archive: Archive, _options: Options) -> Stream:
    """The stream of an archive.

    Raises:
        NotAnExport: there is no manifest, or it is of another format or a newer version.
    """
    archive.enter("manifest.json")
    manifest = mapping(document(archive, "manifest.json"))
    if manifest.get("format") != FORMAT:
        raise NotAnExport("no manifest.json with format backchannel-export")
    if manifest.get("version") != VERSION:
        raise NotAnExport(
            f"manifest.json: version {manifest.get('version')} is newer than this program, which reads {VERSION}"
        )
    _check(archive, mapping(manifest.get("sha256")))
    people: dict[str, Person] = {}
    for person in _people(archive):
        people[person.id] = person
        yield person
    yield from _rooms(archive)
    # Mentions of people who have another name here use that name.
    renamed = {one.id: one.name for one in people.values() if one.name != one.id}
    for message in _messages(archive):
        if renamed and "@" in message.text:
            message.text = outside_code(
                message.text, lambda part: mentioned(part, lambda name: renamed.get(name, name))
            )
        yield message


def _check(archive: Archive, sums: dict[str, Any]) -> None:
    for name in _LISTS:
        if name not in archive:
            archive.notes.lose("file", "is missing", name)
        elif name in sums and _sum(archive, name) != sums[name]:
            archive.notes.lose("file", "differs from its checksum in the manifest", name)


def _sum(archive: Archive, name: str) -> str:
    found = hashlib.sha256()
    try:
        with archive.open(name) as file:
            while data := file.read(1024 * 1024):
                found.update(data)
    except DAMAGE:
        return ""
    return found.hexdigest()


def _people(archive: Archive) -> Iterator[Person]:
    for row, _ in lines(archive, "people.jsonl"):
        name = clean(row.get("username"))
        if name:
            # People are distinguished by username: the id belongs to another database.
            yield Person(
                name,
                name,
                one_line(row.get("display_name"), 100) or name,
                active=row.get("active") is not False,
                bot=row.get("kind") in {"bot", "hook"},
            )


def _rooms(archive: Archive) -> Iterator[Room]:
    for row, place in lines(archive, "rooms.jsonl"):
        source = clean(row.get("room"))
        if not source:
            archive.notes.lose("room", "has no address", place)
            continue
        members = objects(row.get("members"))
        kind: RoomKind = row["kind"] if row.get("kind") in _KINDS else "private"
        yield Room(
            source,
            kind,
            one_line(row.get("title"), 100),
            one_line(row.get("topic")),
            bool(row.get("archived")),
            [clean(one.get("username")) for one in members],
            clocks.of_iso(row.get("created_at")),
            {clean(one.get("username")): clean(one.get("role")) for one in members},
        )


def _messages(archive: Archive) -> Iterator[Message]:
    for row, place in lines(archive, "messages.jsonl"):
        at, seq = clocks.of_iso(row.get("timestamp")), whole(row.get("seq"))
        if at is None or seq is None or not clean(row.get("room")):
            archive.notes.lose("message", "has no time, room or number", place)
            continue
        if row.get("kind") == "system":
            archive.notes.pass_line()
            continue
        with archive.notes.entry(place):
            yield _message(archive, row, at, seq, place)


def _message(archive: Archive, row: dict[str, Any], at: datetime, seq: int, place: str) -> Message:
    thread, reply = row.get("thread"), row.get("reply_to")
    return Message(
        clean(row["room"]),
        str(seq),
        clean(row.get("username")) or None,
        at,
        clean(row.get("message")),
        thread=str(thread) if isinstance(thread, int) else None,
        in_room=row.get("in_room") is True,
        reply_to=str(reply) if isinstance(reply, int) and reply != thread else None,
        reactions={
            clean(sign): [clean(one) for one in people if isinstance(one, str)]
            for sign, people in mapping(row.get("reactions")).items()
            if isinstance(people, list)
        },
        edited=clocks.of_iso(row.get("edited_at")),
        deleted=row.get("deleted") is True,
        files=[_file(archive, one) for one in objects(row.get("files"))],
        order=seq,
        place=place,
    )


def _file(archive: Archive, one: dict[str, Any]) -> File:
    name, path = one_line(one.get("name"), 255), clean(one.get("path"))
    if path and path in archive:
        return File(name, archive.size(path), "present", path=path)
    return File(name, whole(one.get("size")), "missing")
