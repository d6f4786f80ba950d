"""Mattermost: `import.jsonl`, one object per line, and the files under `data/`. No message has an id."""

from typing import Any

from chat.importing import clocks
from chat.importing.archives import Archive
from chat.importing.documents import lines
from chat.importing.stream import File, Message, NotAnExport, Options, Person, Room, Stream
from chat.importing.words import (
    card,
    clean,
    derived_id,
    emoji,
    emote,
    joined,
    mapping,
    mentioned,
    objects,
    one_line,
    outside_code,
    with_emoji,
)
from chat.importing.words import room_names as channel_names

_KNOWN = {
    "version",
    "role",
    "scheme",
    "team",
    "channel",
    "user",
    "bot",
    "post",
    "emoji",
    "direct_channel",
    "direct_post",
}


def read(archive: Archive, _options: Options) -> Stream:
    """The stream of a Mattermost export.

    Raises:
        NotAnExport: there is no file of lines, or its first line is none of Mattermost's.
    """
    found = archive.names(suffix=".jsonl") or (archive.names() if len(archive.sizes) == 1 else [])
    if not found:
        raise NotAnExport("no import.jsonl: this is no export of Mattermost")
    name = min(found, key=lambda one: (one.count("/"), not one.endswith("import.jsonl"), one))
    if not any(line.get("type") in _KNOWN for line, _ in _first(archive, name)):
        raise NotAnExport(f"{name}: its first line has no `type` of Mattermost")
    yield from _Reader(archive, name).read()


def _first(archive: Archive, name: str) -> list[tuple[dict[str, Any], str]]:
    for found in lines(archive, name):
        return [found]
    return []


class _Reader:
    def __init__(self, archive: Archive, name: str) -> None:
        self._archive, self._name = archive, name
        self._base = name.rpartition("/")[0]
        self._people: dict[str, Person] = {}
        self._rooms: dict[str, Room] = {}
        # By channel. A channel's line may come after its people.
        self._members: dict[str, list[str]] = {}
        self._told: set[str] = set()
        self._order = 0

    def read(self) -> Stream:
        """The elements in the order of the file; rooms once their members are known, that is at the first post."""
        for line, place in lines(self._archive, self._name):
            with self._archive.notes.entry(place):
                yield from self._line(line, place)
        for room in self._rooms.values():
            yield from self._tell(room)

    def _line(self, line: dict[str, Any], place: str) -> Stream:
        kind = clean(line.get("type"))
        value = mapping(line.get(kind))
        if kind == "channel":
            self._channel(value)
        elif kind in {"user", "bot"}:
            yield from self._person(value, bot=kind == "bot")
        elif kind == "direct_channel":
            self._direct(_members(value))
        elif kind in {"post", "direct_post"}:
            yield from self._post(value, place)
        elif kind not in _KNOWN:
            self._archive.notes.lose("entry", f"is of the unknown kind {kind[:40]}", place)

    def _channel(self, value: dict[str, Any]) -> None:
        source = f"{clean(value.get('team'))}/{clean(value.get('name'))}"
        self._rooms[source] = Room(
            id=source,
            kind="private" if value.get("type") == "P" else "public",
            title=one_line(value.get("display_name") or value.get("name"), 100),
            topic=one_line(value.get("header") or value.get("purpose")),
            archived=bool(value.get("deleted_at")),
            members=self._members.setdefault(source, []),
        )

    def _person(self, value: dict[str, Any], *, bot: bool) -> Stream:
        name = clean(value.get("username"))
        full = f"{clean(value.get('first_name'))} {clean(value.get('last_name'))}".strip()
        person = Person(
            id=name,
            name=name,
            title=one_line(value.get("display_name") or value.get("nickname") or full or name, 100),
            email=clean(value.get("email")),
            active=not value.get("delete_at"),
            bot=bot,
        )
        self._people[name] = person
        yield person
        for team in objects(value.get("teams")):
            for channel in objects(team.get("channels")):
                members = self._members.setdefault(f"{clean(team.get('name'))}/{clean(channel.get('name'))}", [])
                if name not in members:
                    members.append(name)

    def _direct(self, members: list[str]) -> Room:
        source = "+".join(members)
        if source not in self._rooms:
            self._rooms[source] = Room(source, "group" if len(members) > 2 else "direct", members=members)
        return self._rooms[source]

    def _tell(self, room: Room) -> Stream:
        if room.id not in self._told:
            self._told.add(room.id)
            yield room

    def _post(self, post: dict[str, Any], place: str) -> Stream:
        if "channel_members" in post:
            room = self._direct(_members(post))
        else:
            source = f"{clean(post.get('team'))}/{clean(post.get('channel'))}"
            # No line describes this room, so its readers are unknown: it counts as private.
            room = self._rooms.setdefault(source, Room(source, "private", one_line(post.get("channel"), 100)))
        for one in list(self._rooms.values()):
            yield from self._tell(one)
        parent = yield from self._message(room, post, place, None)
        for reply in objects(post.get("replies")):
            yield from self._message(room, reply, place, parent)

    def _message(self, room: Room, post: dict[str, Any], place: str, parent: str | None) -> Any:
        at, kind = clocks.of_millis(post.get("create_at")), clean(post.get("type"))
        raw = clean(post.get("message"))
        source = derived_id(room.id, post.get("user"), post.get("create_at"), raw, parent)
        aside = kind.startswith("system_")
        if aside:
            self._archive.notes.pass_line()
        if at is None:
            self._archive.notes.lose("message", "has no time", place)
            return source
        props = mapping(post.get("props"))
        author = yield from self._author(post, props)
        self._order += 1
        text = self._markdown(raw)
        if kind == "me":
            text = emote(text)
        message = Message(
            room.id,
            source,
            author,
            at,
            joined([text, *(self._card(one) for one in objects(props.get("attachments")))]),
            thread=parent,
            edited=clocks.of_millis(post.get("edit_at")) if post.get("edit_at") else None,
            files=[self._file(clean(one.get("path"))) for one in objects(post.get("attachments")) if one.get("path")],
            derived=True,
            order=self._order,
            place=place,
            aside=aside,
        )
        for reaction in objects(post.get("reactions")):
            people = message.reactions.setdefault(emoji(clean(reaction.get("emoji_name"))), [])
            people.append(clean(reaction.get("user")))
        yield message
        return source

    def _author(self, post: dict[str, Any], props: dict[str, Any]) -> Any:
        name = clean(post.get("user"))
        shown = one_line(props.get("override_username") or props.get("webhook_display_name"), 100)
        source = name
        if str(props.get("from_webhook")).lower() == "true" and shown:
            # `user` is the person who created the webhook, not the author.
            source = f"webhook/{shown}"
            name = shown
        if source and source not in self._people:
            self._people[source] = Person(source, name, name, bot=source != name)
            yield self._people[source]
        return source or None

    def _markdown(self, text: str) -> str:
        return outside_code(text, lambda part: mentioned(channel_names(with_emoji(part), "~"), self._called))

    def _called(self, name: str) -> str:
        person = self._people.get(name) or self._people.get(name.lower())
        return person.name if person else name

    def _card(self, one: dict[str, Any]) -> str:
        return card(
            above=self._markdown(clean(one.get("pretext"))),
            title=clean(one.get("title")),
            address=clean(one.get("title_link")),
            text=self._markdown(clean(one.get("text"))),
            fields=[
                (clean(part.get("title")), self._markdown(str(part.get("value") or "")))
                for part in objects(one.get("fields"))
            ],
            image=clean(one.get("image_url")),
            instead=clean(one.get("fallback")),
        )

    def _file(self, path: str) -> File:
        name = one_line(path.rpartition("/")[2], 255)
        for place in (f"data/{path}", path):
            full = f"{self._base}/{place}" if self._base else place
            if full in self._archive:
                return File(name, self._archive.size(full), "present", path=full)
        return File(name, state="missing")


def _members(value: dict[str, Any]) -> list[str]:
    named = [one for one in value.get("members") or value.get("channel_members") or [] if isinstance(one, str)]
    named += [clean(one.get("username")) for one in objects(value.get("participants"))]
    return sorted(set(named))
