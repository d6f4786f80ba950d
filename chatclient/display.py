"""Events as lines of text for a terminal or a pipe."""

import json
import re
from collections.abc import Mapping
from typing import Any

from chatclient.events import (
    Announcement,
    Cleared,
    Connected,
    CustomEmoji,
    Disconnected,
    EmojiChanged,
    Event,
    Groups,
    Inbox,
    LeftRoom,
    Message,
    Pins,
    Presence,
    Refused,
    Reloaded,
    RoomChanged,
    Saved,
    Scheduled,
    Search,
    SendFailed,
    Threads,
    UserJoined,
    UserLeft,
    Versions,
)

# Characters that move the cursor, colour the screen or change the writing direction. They are replaced: other people
# wrote them.
_HARMFUL = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def plain(text: str) -> str:
    """The text as one line without terminal control sequences."""
    return _HARMFUL.sub("\ufffd", text.replace("\r\n", "\n").replace("\n", " ⏎ ").replace("\t", " "))


def as_json(event: Event) -> str:
    """The event as it was received; the client's own events in the same form."""
    return json.dumps(dict(event.data) or _own(event))


def _own(event: Event) -> dict[str, Any]:
    match event:
        case Connected():
            facts: dict[str, Any] = {"again": event.again}
        case Disconnected():
            facts = {"reason": event.reason, "code": event.code, "retry_in": round(event.retry_in, 3)}
        case Reloaded():
            facts = {"room": event.room, "since_seq": event.since_seq}
        case SendFailed():
            facts = {"client_id": event.client_id, "code": event.error.code, "message": str(event.error)}
        case LeftRoom():
            facts = {"room": event.room, "reason": event.reason}
        case _:
            facts = {}
    return {"type": event.type, **facts}


def _placed(message: Message) -> str:
    place = f"{message.timestamp.astimezone():%Y-%m-%d %H:%M} {plain(message.room)} #{message.seq}"
    return f"{place} {plain(message.username)}: {plain(message.text)}"


def _emoji_line(emoji: CustomEmoji) -> str:
    return plain(" ".join(f":{name}:" for name in (emoji.name, *emoji.aliases)))


def _emoji_changed(event: EmojiChanged) -> str:
    if event.emoji is None:
        return f"-- the emoji :{plain(event.name)}: was deleted"
    if event.emoji.name != event.name:
        return f"-- the emoji :{plain(event.name)}: is called {_emoji_line(event.emoji)} now"
    return f"-- emoji: {_emoji_line(event.emoji)}"


class Lines:
    """Events as sentences. It remembers which messages were shown, to distinguish changes from new messages."""

    def __init__(self) -> None:
        self._shown: dict[str, int] = {}

    def of(self, event: Event) -> str | None:
        """The line for an event, or None if there is nothing to show."""
        match event:
            case Message():
                return self._message(event)
            case Announcement():
                return f"{event.timestamp.astimezone():%H:%M} ! {plain(event.username)}: {plain(event.text)}"
            case Cleared():
                return f"-- what stood before #{event.before_seq} was cleared away"
            case RoomChanged():
                return f"-- {event.room}: {plain(event.title)}. {plain(event.topic)}"
            case UserJoined():
                return f"-- {plain(event.username)} came"
            case UserLeft():
                return f"-- {plain(event.username)} left"
            case Presence():
                return "-- " + ", ".join(f"{plain(name)} is {plain(state)}" for name, state in event.users.items())
            case EmojiChanged():
                return _emoji_changed(event)
            case LeftRoom():
                return f"-- you are no longer in {event.room} ({plain(event.reason)})"
            case Saved(reminded=True, message=Message() as message):
                return f"-- reminder: {plain(message.username)} in {event.room}: {plain(message.text)}"
            case Reloaded():
                return f"-- much has changed in {event.room}; here is what is new"
            case _:
                return None

    def inbox(self, inbox: Inbox) -> list[str]:
        """The lines for messages that mention the person, the oldest first, then their number."""
        lines = [_placed(item.message) for item in reversed(inbox.items)]
        return [*lines, f"-- {len(inbox.items)}{', and more' if inbox.has_older else ''}"]

    def emoji(self, found: Mapping[str, CustomEmoji], words: str) -> list[str]:
        """The lines for the server's custom emoji, each with all its names; only those with `words` in a name."""
        wanted = words.strip(": ").lower()
        shown = dict.fromkeys(emoji for name, emoji in found.items() if wanted in name)
        return [*map(_emoji_line, shown), f"-- {len(shown)} emoji"]

    def groups(self, found: Groups) -> list[str]:
        """The lines for the groups of people, then their number."""
        lines = [
            plain(f"@{one.handle} {one.title}".rstrip())
            + f", {one.people} {'person' if one.people == 1 else 'people'}"
            + (", you too" if one.mine else "")
            for one in found.groups
        ]
        return [*lines, f"-- {len(lines)} groups"]

    def found(self, search: Search) -> list[str]:
        """The lines for search results, the oldest first, so that the newest is next to the prompt."""
        lines = [f"-- {plain(warning)}" for warning in search.warnings]
        lines += [_placed(result.message) for result in reversed(search.results)]
        more = ", and more" if search.next else ""
        return [*lines, f"-- found {len(search.results)}{more}"]

    def threads(self, found: Threads) -> list[str]:
        """The lines for a list of threads, the newest activity last, next to the prompt."""
        lines = []
        for entry in reversed(found.threads):
            root = entry.message
            words = (
                f"{plain(root.username)}: {'(deleted)' if root.deleted else plain(root.text)}" if root else "(cleared)"
            )
            unread = f", {entry.unread} unread" if entry.unread else ""
            lines.append(f"{plain(entry.room)} #{entry.thread}{unread} {words}")
        return [*lines, f"-- {found.unread} threads with something unread"]

    def versions(self, found: Versions) -> list[str]:
        """The lines for the texts that a message had, the oldest first."""
        lines = [f"{one.timestamp.astimezone():%Y-%m-%d %H:%M} {plain(one.message)}" for one in found.versions]
        return (["-- texts before these are not kept any more"] if found.more else []) + lines

    def pins(self, found: Pins) -> list[str]:
        """The lines for the pinned messages of a room, in their order, then their number."""
        return [*map(_placed, found.messages), f"-- {len(found.messages)} pinned"]

    def notice(self, event: Event) -> str | None:
        """A notice about the connection, which is not part of the conversation."""
        match event:
            case Connected():
                return "connected again" if event.again else "connected"
            case Disconnected():
                return f"no connection: {plain(event.reason)} Trying again in {event.retry_in:.1f} s."
            case SendFailed():
                return f"not sent: {plain(str(event.error))}"
            case Scheduled(state="refused"):
                return f"a scheduled message was not sent: {plain(event.problem)} {plain(event.message)}"
            case Refused():
                return f"refused: {plain(event.message)}"
            case _:
                return None

    def _message(self, message: Message) -> str:
        changed = message.seq <= self._shown.get(message.room, 0)
        self._shown[message.room] = max(message.seq, self._shown.get(message.room, 0))
        place = f"{message.timestamp.astimezone():%H:%M} #{message.seq}"
        if message.kind == "system":
            return f"{place} * {plain(message.text)}"
        marks = [f"answers #{message.reply_to}"] if message.reply_to and message.reply_to != message.thread else []
        if message.thread:
            marks.append(f"in the thread of #{message.thread}")
        if message.forwarded:
            source = [plain(message.forwarded.username), plain(message.forwarded.room)]
            marks.append(" ".join(["forwards", *filter(None, source)]))
        if message.pinned:
            marks.append("pinned")
        if changed:
            marks.append("changed")
        if message.replies:
            marks.append(f"{message.replies.count} {'reply' if message.replies.count == 1 else 'replies'}")
        who = plain(message.username) + (f" ({', '.join(marks)})" if marks else "")
        reactions = "".join(f"  {plain(emoji)} {len(names)}" for emoji, names in message.reactions.items())
        files = "".join(f"  [{plain(file.name)}]" for file in message.files)
        return f"{place} {who}: {'(deleted)' if message.deleted else plain(message.text)}{files}{reactions}"
