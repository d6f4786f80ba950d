"""The sample exports: every message has the author, time, words, parent and reactions of the expected result."""

import re
from datetime import datetime
from typing import Any

import pytest

from chat.importing.stream import Message, NotAnExport, Options
from tests.importing.samples import SAMPLES, Found, expected

BERLIN, LONDON = Options(zone="Europe/Berlin"), Options(zone="Europe/London", day_first=True)
NEW_YORK = Options(zone="America/New_York", day_first=False)
CASES: list[tuple[str, str, str, Options]] = [
    ("slack", "slack", "export", Options()),
    ("slack", "slack", "export.zip", Options()),
    ("mattermost", "mattermost", "export", Options()),
    ("mattermost", "mattermost", "export.zip", Options()),
    ("zulip", "zulip", "export", Options()),
    ("rocketchat", "rocketchat", "mongodump", Options()),
    ("rocketchat", "rocketchat", "mongoexport", Options()),
    ("discord", "discord", ".", Options()),
    ("telegram", "telegram", "export", Options()),
    ("matrix", "matrix", ".", Options()),
    ("teams", "teams", "graph", Options()),
    ("teams", "teams", "powershell", Options()),
    ("irc", "irc/irssi", "logs", BERLIN),
    ("irc", "irc/weechat", "logs", BERLIN),
    ("irc", "irc/znc", "logs", BERLIN),
    *(
        ("whatsapp", f"whatsapp/{kind}", path, options)
        for kind, options in (
            ("ios-de", BERLIN),
            ("android-de", BERLIN),
            ("ios-en-GB", LONDON),
            ("android-en-GB", LONDON),
            ("ios-en-US", NEW_YORK),
            ("android-en-US", NEW_YORK),
        )
        for path in ("export", "export.zip")
    ),
]
# States that count as the expected one: where the bytes are depends on the format.
STATES = {"gridfs": {"present", "link"}}


@pytest.mark.parametrize(("name", "sample", "path", "options"), CASES, ids=[f"{c[1]}/{c[2]}" for c in CASES])
def test_a_sample_keeps_every_message_as_it_was(name: str, sample: str, path: str, options: Options) -> None:
    answer = expected(sample)
    found = Found(name, SAMPLES / sample / path, options)
    people = _people(answer, found)
    rooms: dict[str, list[tuple[str, Message]]] = {}
    for (room, source), message in found.messages.items():
        rooms.setdefault(room, []).append((source, message))
    if len(rooms) == 1:
        # WhatsApp has one room, whose id in the expected result is made up.
        [only] = rooms.values()
        rooms = {answer["messages"][-1]["room"]: only}
    wanted: dict[str, list[dict[str, Any]]] = {}
    for one in answer["messages"]:
        if one["kind"] == "message":
            wanted.setdefault(one["room"], []).append(one)
    assert {room: len(rows) for room, rows in rooms.items()} == {room: len(rows) for room, rows in wanted.items()}
    for room, rows in wanted.items():
        named: dict[str, str] = {}
        for want, (source, message) in zip(rows, rooms[room], strict=True):
            named[want["id"]] = source
            assert _said(message, people) == _wanted(want, named), want["id"]
            assert [(file.name or None, file.size) for file in message.files] == [
                (file["name"], file["size"]) for file in want["files"]
            ]
            assert all(
                file.state in STATES.get(of["state"], {of["state"]})
                for file, of in zip(message.files, want["files"], strict=True)
            )


@pytest.mark.parametrize(
    ("name", "sample", "path"),
    [case[:3] for case in CASES if case[0] in {"slack", "mattermost", "zulip", "rocketchat", "discord"}],
)
def test_the_rooms_of_a_sample_have_their_kind_title_topic_and_members(name: str, sample: str, path: str) -> None:
    answer = expected(sample)
    found = Found(name, SAMPLES / sample / path, Options())
    people = {source: one for one, source in _people(answer, found).items()}
    for room in answer["rooms"]:
        got = found.rooms[room["id"]]
        # A Discord thread becomes a room here.
        assert got.kind == ("public" if room["kind"] == "thread" else room["kind"])
        assert (got.title, got.topic, got.archived) == (room["title"], room["topic"], room["archived"])
        assert sorted(people[one] for one in got.members or []) == sorted(room["members"])


def _people(answer: dict[str, Any], found: Found) -> dict[str, str]:
    """Map the names in the expected result to ids of the export."""
    ids: dict[str, str] = {}
    for person in answer["people"]:
        source = str(person["source"])
        same = [one.id for one in found.people.values() if person["title"] in {one.title, one.name}]
        if source in found.people or same:
            ids[person["name"]] = source if source in found.people else same[0]
    return ids


def _said(message: Message, people: dict[str, str]) -> dict[str, Any]:
    names = {source: name for name, source in people.items()}
    return {
        "author": names.get(message.author or "", message.author),
        "at": message.at,
        "text": _words(message.text),
        "thread": message.thread,
        "reply_to": message.reply_to,
        "reactions": {sign: sorted(names.get(one, one) for one in of) for sign, of in message.reactions.items() if of},
        "edited": message.edited,
        "deleted": message.deleted,
    }


def _wanted(want: dict[str, Any], named: dict[str, str]) -> dict[str, Any]:
    reactions = {sign: list(names) for sign, names in want["reactions"].items()}
    for sign, names in want.get("reactions_by_unknown", {}).items():
        reactions.setdefault(sign, []).extend(names)
    lost = want.get("lost_parent")
    thread = named.get(want["thread"]) if want["thread"] else None
    edited = want["edited"]
    return {
        "author": want["author"],
        "at": datetime.fromisoformat(want["at"]),
        "text": _words(want["text"]),
        # The reader of the stream finds out that the parent is missing.
        "thread": thread or (lost if lost == "m_lost" else None),
        "reply_to": named.get(want["reply_to"]) if want["reply_to"] else None,
        "reactions": {sign: sorted(names) for sign, names in reactions.items()},
        "edited": datetime.fromisoformat(edited) if isinstance(edited, str) else edited,
        "deleted": want["deleted"],
    }


def _words(text: str) -> list[str]:
    """The words to compare texts by: escapes, empty lines and the case of names may differ."""
    return re.sub(r"@\w+", lambda found: found[0].lower(), text.replace("\\*", "*")).split()


def test_what_a_person_downloads_from_rocketchat_is_refused_because_it_hides_names() -> None:
    with pytest.raises(NotAnExport, match="hides names and ids"):
        Found("rocketchat", SAMPLES / "rocketchat" / "userexport", Options())


@pytest.mark.parametrize("name", ["irc/znc/logs", "whatsapp/ios-de/export"])
def test_local_times_need_a_zone(name: str) -> None:
    with pytest.raises(NotAnExport, match="--zone"):
        Found(name.partition("/")[0], SAMPLES / name, Options())


def test_an_english_chat_with_low_days_needs_the_order_of_day_and_month() -> None:
    with pytest.raises(NotAnExport, match="--day-first or --month-first"):
        Found("whatsapp", SAMPLES / "whatsapp" / "android-en-US" / "export", Options(zone="UTC"))


def test_a_german_chat_has_the_day_first_without_an_option() -> None:
    found = Found("whatsapp", SAMPLES / "whatsapp" / "android-de" / "export", Options(zone="UTC"))
    assert {message.at.month for message in found.messages.values() if message.at} == {3}
