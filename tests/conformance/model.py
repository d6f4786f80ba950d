"""What counts, said as plainly as it can be: a list of messages, and a loop over it."""

import re
from dataclasses import dataclass
from typing import Any

Object = dict[str, Any]


@dataclass
class Line:
    by: str
    text: str
    system: bool = False
    deleted: bool = False
    pinned: bool = False


class Model:
    """The room of `Stage` as Alice should see it counted."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.present = {"alice", "bob", "charlie"}
        self.read = self.cleared = 0
        self.topic = ""

    @property
    def counts(self) -> Object:
        new = [
            line
            for seq, line in enumerate(self.lines, 1)
            if seq > max(self.read, self.cleared) and line.by != "alice" and not line.system and not line.deleted
        ]
        return {"unread": len(new), "mentions": sum(bool(re.search(r"@alice\b", line.text)) for line in new)}

    def possible(self, act: Object) -> bool:
        """Whether the server would let it happen; a refusal changes no count."""
        line = self.lines[act["seq"] - 1] if 0 < act.get("seq", 0) <= len(self.lines) else None
        shown = line is not None and act["seq"] > self.cleared and not line.deleted
        by = act.get("by", "alice")
        match act["act"]:
            case "edit":
                return shown and line is not None and not line.system and line.by == by and by in self.present
            case "delete":
                own = line is not None and line.by == by and not line.system
                return shown and by in self.present and (own or by != "charlie")
            case "react":
                return shown and by in self.present
            case "pin":
                return shown and line is not None and not line.system and by in self.present - {"charlie"}
            case "read" | "read here" | "mark unread":
                return line is not None
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
            case "edit":
                self.lines[act["seq"] - 1].text = act["text"]
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
