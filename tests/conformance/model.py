"""The counts in their simplest form: a list of messages, and a loop over it."""

import re
from dataclasses import dataclass, field
from typing import Any

Object = dict[str, Any]


@dataclass
class Line:
    by: str
    text: str
    system: bool = False
    deleted: bool = False
    pinned: bool = False
    # The place of the root, for a reply; and whether the room shows it.
    thread: int | None = None
    in_room: bool = True
    # The forwarded text, which follows its comment `text`; and the earlier texts.
    forwards: str | None = None
    versions: list[str] = field(default_factory=list)

    @property
    def whole(self) -> str:
        """The text as it is sent."""
        return "\n\n".join(part for part in (self.text, self.forwards) if part)

    @property
    def names_alice(self) -> bool:
        return not self.deleted and bool(re.search(r"@alice\b", self.text))


@dataclass
class Follow:
    """Alice's state in a thread."""

    read: int
    following: bool = True


class Model:
    """The room of `Stage`, with the counts that Alice should see."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.present = {"alice", "bob", "charlie"}
        self.read = self.cleared = 0
        self.topic = ""
        self.follows: dict[int, Follow] = {}

    @property
    def threads(self) -> Object:
        """For each thread that Alice follows with unread messages: how many are unread, how many of those mention her,
        and how many mentions the room does not show."""
        found: Object = {}
        for root, follow in self.follows.items():
            new = [
                line
                for seq, line in enumerate(self.lines, 1)
                if line.thread == root and seq > max(follow.read, self.cleared)
                if line.by != "alice" and not line.deleted
            ]
            if follow.following and root > self.cleared and new:
                named = [line for line in new if line.names_alice]
                found[str(root)] = [len(new), len(named), sum(not line.in_room for line in named)]
        return found

    @property
    def totals(self) -> Object:
        """The threads with unread messages, those that mention her, and the mentions that the room's row adds."""
        parts = self.threads.values()
        named, hidden = sum(part[1] > 0 for part in parts), sum(part[2] for part in parts)
        return {"unread": len(parts), "mentions": named, "hidden": hidden}

    @property
    def counts(self) -> Object:
        new = [
            line
            for seq, line in enumerate(self.lines, 1)
            if seq > max(self.read, self.cleared) and line.by != "alice" and not line.system and not line.deleted
            if line.in_room
        ]
        return {"unread": len(new), "mentions": sum(line.names_alice for line in new)}

    @property
    def forwards(self) -> Object:
        """For each message that the room shows and that forwards another: its comment and the forwarded text."""
        return {
            str(seq): [line.text, line.forwards]
            for seq, line in enumerate(self.lines, 1)
            if line.forwards is not None and line.in_room and not line.deleted and seq > self.cleared
        }

    def texts(self, seq: int) -> list[str]:
        """The texts of a message, oldest first."""
        return [*self.lines[seq - 1].versions, self.lines[seq - 1].whole]

    def root_of(self, seq: int) -> int | None:
        """The root of the thread for a reply to this message, if a reply is possible."""
        if not self.cleared < seq <= len(self.lines):
            return None
        root = self.lines[seq - 1].thread or seq
        first = self.lines[root - 1]
        possible = root > self.cleared and not first.system and (not first.deleted or self._replies(root))
        return root if possible else None

    def _replies(self, root: int) -> list[Line]:
        return [line for line in self.lines if line.thread == root and not line.deleted]

    def possible(self, act: Object) -> bool:
        """Whether the server would accept the act; a refusal changes no count."""
        line = self.lines[act["seq"] - 1] if 0 < act.get("seq", 0) <= len(self.lines) else None
        shown = line is not None and act["seq"] > self.cleared and not line.deleted
        by = act.get("by", "alice")
        match act["act"]:
            case "edit":
                own = line is not None and line.by == by and not line.system and line.forwards is None
                return shown and own and by in self.present
            case "forward":
                to = "thread" not in act or self.root_of(act["thread"]) is not None
                return shown and line is not None and not line.system and by in self.present and to
            case "versions":
                return shown and line is not None and not line.system
            case "delete":
                own = line is not None and line.by == by and not line.system
                return shown and by in self.present and (own or by != "charlie")
            case "react":
                return shown and by in self.present
            case "pin":
                return shown and line is not None and not line.system and by in self.present - {"charlie"}
            case "read" | "read here" | "mark unread" | "thread read":
                return line is not None
            case "reply" | "follow":
                return by in self.present and self.root_of(act["thread"]) is not None
            case "join":
                return by not in self.present
        return by in self.present

    def do(self, act: Object) -> None:
        by = act.get("by", "alice")
        match act["act"]:
            case "post":
                self.lines.append(Line(by, act["text"]))
                if by == "alice":
                    self.read = len(self.lines)
            case "reply":
                self._reply(act, by)
            case "forward":
                source = self.lines[act["seq"] - 1]
                self._forward(act, by, source.text if source.forwards is None else source.forwards)
            case "follow":
                self._follow_by_hand(act["thread"], act["on"])
            case "thread read":
                root = self.lines[act["thread"] - 1].thread or act["thread"]
                if follow := self.follows.get(root):
                    follow.read = max(follow.read, min(act["seq"], len(self.lines)))
            case "edit":
                self._edit(act)
            case "delete":
                self.lines[act["seq"] - 1].deleted = True
            case "clear":
                self.cleared = len(self.lines)
                self.lines.append(Line(by, "", system=True))
            case "topic" if act["text"] != self.topic:
                self.topic = act["text"]
                self.lines.append(Line(by, "", system=True))
            case "pin" if act["on"] != self.lines[act["seq"] - 1].pinned:
                self.lines[act["seq"] - 1].pinned = act["on"]
                if act["on"]:
                    self.lines.append(Line(by, "", system=True))
            case "leave":
                self.present.discard(by)
                self.lines.append(Line(by, "", system=True))
            case "join":
                self.present.add(by)
                self.lines.append(Line(by, "", system=True))
            case "read" | "read here":
                self.read = max(self.read, act["seq"])
            case "mark unread":
                self.read = act["seq"] - 1

    def _forward(self, act: Object, by: str, text: str) -> None:
        if "thread" in act:
            self._reply(act, by, forwards=text)
            return
        self.lines.append(Line(by, act["text"], forwards=text))
        if by == "alice":
            self.read = len(self.lines)

    def _reply(self, act: Object, by: str, forwards: str | None = None) -> None:
        root = self.root_of(act["thread"])
        assert root
        first = self.lines[root - 1]
        starts = not self._replies(root)
        self.lines.append(Line(by, act["text"], thread=root, in_room=act["in_room"], forwards=forwards))
        seq = len(self.lines)
        if starts and (first.by == "alice" or first.names_alice):
            self._follow(root, root)
        if self.lines[-1].names_alice:
            self._follow(root, seq - 1)
        if by == "alice":
            self.follows[root] = Follow(seq)
            if act["in_room"]:
                self.read = seq

    def _edit(self, act: Object) -> None:
        line = self.lines[act["seq"] - 1]
        if line.text == act["text"]:
            return
        line.versions.append(line.text)
        line.text = act["text"]
        if line.thread and line.names_alice:
            self._follow(line.thread, act["seq"] - 1)

    def _follow(self, root: int, read: int) -> None:
        follow = self.follows.setdefault(root, Follow(read))
        if not follow.following:
            self.follows[root] = Follow(max(follow.read, read))

    def _follow_by_hand(self, seq: int, on: bool) -> None:
        root = self.root_of(seq)
        assert root
        if not on:
            if root in self.follows:
                self.follows[root].following = False
            return
        last = max((n for n, line in enumerate(self.lines, 1) if line.thread == root and not line.deleted), default=0)
        self._follow(root, last)
