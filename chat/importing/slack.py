"""Slack: a folder or zip with lists of people and rooms, and a folder of day files for each room."""

import re
from collections.abc import Iterator
from typing import Any

from chat.importing import clocks
from chat.importing.archives import Archive
from chat.importing.documents import items
from chat.importing.slack_text import Names, attachments_text, blocks_text, mrkdwn, rich_text
from chat.importing.stream import File, FileState, Message, NotAnExport, Options, Person, Room, RoomKind, Stream
from chat.importing.words import clean, emoji, emote, joined, mapping, objects, one_line, whole

LISTS: tuple[tuple[str, RoomKind], ...] = (
    ("channels.json", "public"),
    ("groups.json", "private"),
    ("mpims.json", "group"),
    ("dms.json", "direct"),
)
_DAY = re.compile(r"\d{4}-\d\d-\d\d\.json\Z")
_SYSTEM = re.compile(
    r"(?:channel|group)_(?:join|leave|name|topic|purpose|archive|unarchive|posting_permissions|convert_to_private|"
    r"convert_to_public|canvas_updated)|(?:un)?pinned_item|bot_(?:add|remove|enable|disable)|sh_room_\w+|huddle_thread|"
    r"reminder_add|ekm_access_denied|app_conversation_\w+|mpdm_move|tabbed_canvas_updated|bookmark_\w+"
)
_WORDS = {None, "", "bot_message", "me_message", "thread_broadcast", "file_share", "file_comment", "slackbot_response"}
_STATES: dict[str, FileState] = {
    "tombstone": "deleted",
    "hidden_by_limit": "hidden",
    "access_denied": "denied",
    "file_not_found": "missing",
    "check_file_info": "missing",
}
SLACKBOT = "USLACKBOT"


def read(archive: Archive, _options: Options) -> Stream:
    """The stream of a Slack export.

    Raises:
        NotAnExport: none of Slack's lists is there.
    """
    archive.enter("users.json", "org_users.json", "channels.json", "dms.json", "groups.json")
    if not any(name in archive for name in ("users.json", "org_users.json", *(name for name, _ in LISTS))):
        raise NotAnExport("no users.json or channels.json: this is no JSON export of Slack")
    yield from _Reader(archive).read()


class _Reader:
    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._people: dict[str, Person] = {}
        # A bot has an id as author (B…) and one as a person (U…).
        self._same: dict[str, str] = {}
        # The author ids of the bots in the list.
        self._bots: set[str] = set()
        self._rooms: dict[str, str] = {}
        self._names = Names(self._called, self._room_called)

    def read(self) -> Stream:
        """People first, then each room with its messages."""
        for name in ("users.json", "org_users.json"):
            for user, place in items(self._archive, name):
                with self._archive.notes.entry(place):
                    yield from self._user(user, place)
        rooms = list(self._listed_rooms())
        days = self._days()
        for room, _ in rooms:
            self._rooms[room.id] = room.title or room.id
        for room, folders in rooms:
            yield room
            for folder in folders:
                for file in days.pop(folder, []):
                    yield from self._day(room.id, file)
        for folder, files in days.items():
            yield _stray(folder)
            for file in files:
                yield from self._day(folder, file)

    def _days(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for name in self._archive.names(suffix=".json"):
            folder, _, file = name.rpartition("/")
            if not folder:
                continue
            if _DAY.match(file):
                found.setdefault(folder, []).append(name)
            else:
                self._archive.notes.skip("files in a room's folder that hold no messages")
        return found

    def _user(self, user: dict[str, Any], place: str) -> Stream:
        source = clean(user.get("id"))
        if not source:
            self._archive.notes.lose("person", "has no id", place)
            return
        profile = mapping(user.get("profile"))
        if bot := clean(profile.get("bot_id")):
            self._same[source] = bot
            self._bots.add(bot)
        person = Person(
            id=bot or source,
            name=clean(user.get("name")) or source,
            title=_title(profile, user) or source,
            email=clean(profile.get("email")),
            active=not user.get("deleted"),
            bot=bool(user.get("is_bot") or bot),
        )
        self._people[person.id] = person
        yield person

    def _listed_rooms(self) -> Iterator[tuple[Room, list[str]]]:
        for name, kind in LISTS:
            for listed, place in items(self._archive, name):
                source = clean(listed.get("id"))
                if not source:
                    self._archive.notes.lose("room", "has no id", place)
                    continue
                title = clean(listed.get("name"))
                with self._archive.notes.entry(place):
                    yield self._room(listed, source, kind, title), [*([title] if title else []), source]

    def _room(self, listed: dict[str, Any], source: str, kind: RoomKind, title: str) -> Room:
        topic = listed.get("topic")
        found = listed.get("members")
        created = listed.get("created")
        return Room(
            id=source,
            kind=kind,
            title=title if kind in {"public", "private"} else "",
            topic=one_line(mrkdwn(topic.get("value"), self._names))
            if isinstance(topic, dict) and title and kind != "group"
            else "",
            archived=bool(listed.get("is_archived")),
            members=list(dict.fromkeys(self._same.get(one, one) for one in found if isinstance(one, str)))
            if isinstance(found, list)
            else None,
            created_at=clocks.of_seconds(created) if created and created != 1 else None,
        )

    def _day(self, room: str, file: str) -> Stream:
        for entry, place in items(self._archive, file):
            kind = entry.get("subtype")
            if not clean(entry.get("ts")):
                self._archive.notes.lose("message", "has no time", place)
            elif isinstance(kind, str) and _SYSTEM.fullmatch(kind):
                self._archive.notes.pass_line()
                with self._archive.notes.entry(place):
                    yield from self._message(room, entry, place, aside=True)
            else:
                if not isinstance(kind, str | None) or (kind not in _WORDS and kind != "tombstone"):
                    self._archive.notes.skip(f"messages of the unknown kind {clean(kind)[:40]}, kept with their words")
                with self._archive.notes.entry(place):
                    yield from self._message(room, entry, place)

    def _message(self, room: str, entry: dict[str, Any], place: str, *, aside: bool = False) -> Stream:
        source = clean(entry["ts"])
        at = clocks.of_seconds(source)
        if at is None:
            self._archive.notes.lose("message", "has a time that is none", place)
            return
        thread = clean(entry.get("thread_ts"))
        message = Message(room, source, None, at, thread=thread if thread and thread != source else None, place=place)
        message.in_room = entry.get("subtype") == "thread_broadcast"
        if entry.get("subtype") == "tombstone":
            message.deleted = True
            yield message
            return
        message.aside = aside
        author = self._author(entry)
        if author:
            message.author = author.id
            # The author of a rename may be a placeholder (U00).
            if not aside:
                yield from self._meet(author)
        message.text = self._text(entry)
        edited = entry.get("edited")
        if isinstance(edited, dict) and edited.get("user") != SLACKBOT:
            message.edited = clocks.of_seconds(edited.get("ts")) or True
        for reaction in objects(entry.get("reactions")):
            sign = emoji(clean(reaction.get("name")))
            people = [self._same.get(one, one) for one in reaction.get("users") or [] if isinstance(one, str)]
            message.reactions.setdefault(sign, []).extend(people)
            self._archive.notes.lose_reactions((whole(reaction.get("count")) or 0) - len(people), place)
        files = objects(entry.get("files")) or objects([entry.get("file")])
        if entry.get("subtype") != "file_comment":
            message.files = [self._file(file) for file in files]
        yield message

    def _text(self, entry: dict[str, Any]) -> str:
        kind = entry.get("subtype")
        file = entry.get("file")
        if kind == "file_comment" and isinstance(entry.get("comment"), dict):
            return mrkdwn(entry["comment"].get("comment"), self._names)
        if kind == "file_share" and isinstance(file, dict):
            comment = file.get("initial_comment")
            return mrkdwn(comment.get("comment"), self._names) if isinstance(comment, dict) else ""
        blocks = entry.get("blocks")
        text = (
            rich_text(blocks, self._names) or mrkdwn(entry.get("text"), self._names) or blocks_text(blocks, self._names)
        )
        if kind == "me_message":
            text = emote(text)
        return joined([text, attachments_text(entry.get("attachments"), self._names)])

    def _author(self, entry: dict[str, Any]) -> Person | None:
        user, bot = clean(entry.get("user")), clean(entry.get("bot_id"))
        comment, file = entry.get("comment"), entry.get("file")
        if entry.get("subtype") == "file_comment" and isinstance(comment, dict):
            user = clean(comment.get("user"))
        if not user and not bot and isinstance(file, dict):
            user = clean(file.get("user"))
        shown = clean(entry.get("username"))
        if user:
            source = self._same.get(user, user)
            return self._people.get(source) or self._stranger(source, entry)
        if bot and (not shown or bot in self._bots or self._shown(bot) == shown):
            profile = entry.get("bot_profile")
            name = one_line(profile.get("name")) if isinstance(profile, dict) else ""
            return self._people.get(bot) or Person(bot, name or bot, name or bot, bot=True)
        if bot or shown:
            # One webhook may post under many names: each is a separate author.
            source = f"{bot or 'bot'}/{shown}"
            return self._people.get(source) or Person(source, one_line(shown), one_line(shown), bot=True)
        return None

    def _shown(self, source: str) -> str:
        person = self._people.get(source)
        return person.title if person else ""

    def _stranger(self, source: str, entry: dict[str, Any]) -> Person:
        """A person in no list: from another company, or from a public export, which lists fewer people."""
        if source == SLACKBOT:
            return Person(source, "slackbot", "Slackbot", bot=True)
        profile = entry.get("user_profile")
        if isinstance(profile, dict):
            return Person(source, clean(profile.get("name")) or source, _title(profile, profile) or source)
        bot = entry.get("bot_profile")
        title = one_line(bot.get("name")) if isinstance(bot, dict) else ""
        return Person(source, title or source, title or source, bot=bool(title))

    def _meet(self, person: Person) -> Stream:
        if person.id not in self._people:
            self._people[person.id] = person
            yield person

    def _file(self, file: dict[str, Any]) -> File:
        state = _STATES.get(clean(file.get("mode"))) or _STATES.get(clean(file.get("file_access")))
        if state:
            return File(one_line(file.get("name")), state=state)
        name = one_line(file.get("name") or file.get("title"), 255)
        size = file.get("size")
        address = clean(file.get("url_private_download") or file.get("url_private") or file.get("permalink"))
        dumped = f"__uploads/{clean(file.get('id'))}/{name}"
        return File(
            name,
            size if isinstance(size, int) and size >= 0 else None,
            "present" if dumped in self._archive else "external" if file.get("mode") == "external" else "link",
            address,
            dumped if dumped in self._archive else "",
        )

    def _called(self, source: str) -> str:
        person = self._people.get(self._same.get(source, source))
        return person.name if person else source

    def _room_called(self, source: str) -> str:
        return self._rooms.get(source, source)


def _stray(folder: str) -> Room:
    """A room that is in no list. Its readers are unknown, so it is private."""
    if re.fullmatch(r"D[A-Z0-9]+", folder):
        return Room(folder, "direct")
    if folder.startswith("mpdm-"):
        return Room(folder, "group")
    return Room(folder, "private", one_line(folder.rpartition("/")[2]))


def _title(profile: dict[str, Any], user: dict[str, Any]) -> str:
    for value in (profile.get("display_name"), profile.get("real_name"), user.get("real_name"), user.get("name")):
        if title := one_line(value, 100):
            return title
    return ""
