"""The samples beside this file, and what a reader returns for them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chat.importing.archives import opened
from chat.importing.formats import reader
from chat.importing.stream import Message, Notes, Options, Person, Reaction, Room

SAMPLES = Path(__file__).parent / "samples"


class Found:
    """The elements of a stream, with reactions joined and everything in order."""

    def __init__(self, format_name: str, path: Path, options: Options) -> None:
        self.notes = Notes()
        self.people: dict[str, Person] = {}
        self.rooms: dict[str, Room] = {}
        self.messages: dict[tuple[str, str], Message] = {}
        asides: list[Message] = []
        with opened(path, self.notes) as archive:
            for element in reader(format_name)(archive, options):
                match element:
                    case Person():
                        self.people[element.id] = element
                    case Room():
                        self.rooms.setdefault(element.id, element)
                    case Message():
                        (asides.append if element.aside else self._keep)(element)
                    case Reaction():
                        self._react(element)
        answered = {(one.room, parent) for one in self.messages.values() for parent in (one.thread, one.reply_to)}
        for one in asides:
            if (one.room, one.id) in answered:
                self._keep(one)
        self.messages = dict(
            sorted(
                self.messages.items(),
                key=lambda one: (one[0][0], one[1].at or datetime.min.replace(tzinfo=UTC), one[1].order),
            )
        )

    def _keep(self, message: Message) -> None:
        place, number = (message.room, message.id), 1
        while message.derived and place in self.messages:
            number += 1
            place = (message.room, f"{message.id}-{number}")
        self.messages.setdefault(place, message)

    def _react(self, reaction: Reaction) -> None:
        for (room, source), message in self.messages.items():
            if source == reaction.message and (room == reaction.room or not reaction.room):
                message.reactions.setdefault(reaction.emoji, []).append(reaction.person)


def expected(sample: str) -> dict[str, Any]:
    """The expected result of a sample."""
    answer: dict[str, Any] = json.loads((SAMPLES / sample / "expected.json").read_text(encoding="utf-8"))
    return answer
