"""What exports of the real programs contain beyond the samples: other versions, other options, other tools."""

import json
from pathlib import Path
from typing import Any

import pytest

from chat.importing import slack_text, words
from chat.importing.slack_text import Names
from chat.importing.stream import Options
from chat.models import Message, Reaction
from chat.services.imports.loading import Wanted, history_import
from support.people import person
from tests.importing.samples import Found
from tests.importing.test_quirks import rows, slack, texts, written


def lines(*values: dict[str, Any]) -> str:
    return "\n".join(map(json.dumps, values))


# --- Slack --------------------------------------------------------------------------------------------


def test_slack_s_bot_of_the_list_speaks_also_under_another_name(tmp_path: Path) -> None:
    bot = {"id": "U5", "name": "deploy", "is_bot": True, "profile": {"real_name": "Deploy", "bot_id": "B5"}}
    users = [{"id": "U1", "name": "ada", "profile": {"real_name": "Ada L"}}, bot]
    found = slack(
        tmp_path,
        {"subtype": "bot_message", "bot_id": "B5", "username": "Deploy to production", "text": "done"},
        {"user": "U5", "bot_id": "B5", "text": "by itself", "bot_profile": {"id": "B5", "name": "Deploy"}},
        {"user": "U1", "text": "to <@U5>"},
        **{"users.json": users},
    )
    assert [one.author for one in rows(found)] == ["B5", "B5", "U1"]
    assert texts(found)[2] == "to @deploy"


def test_slack_counts_reactions_of_whom_it_does_not_name(tmp_path: Path) -> None:
    found = slack(tmp_path, {"user": "U1", "text": "hi", "reactions": [{"name": "+1", "users": ["U1"], "count": 54}]})
    assert rows(found)[0].reactions == {"👍": ["U1"]}
    assert found.notes.lost.total() == 53


def test_slack_s_files_that_are_stubs_and_comments_of_before_2018(tmp_path: Path) -> None:
    share = {
        "user": "U1",
        "subtype": "file_share",
        "text": "<@U1> uploaded a file: <https://x|a.txt> and commented: old words",
        "file": {"id": "F1", "name": "a.txt", "size": 3, "initial_comment": {"comment": "old &amp; words"}},
    }
    comment = {"subtype": "file_comment", "text": "x", "comment": {"user": "U1", "comment": "a comment"}, "file": {}}
    stub = {
        "user": "U1",
        "text": "",
        "files": [{"id": "F2", "mode": "tombstone"}, {"id": "F3", "mode": "hidden_by_limit"}],
    }
    found = slack(tmp_path, share, comment, stub)
    assert texts(found) == ["old & words", "a comment", ""]
    assert [[file.state for file in one.files] for one in rows(found)] == [["link"], [], ["deleted", "hidden"]]


def test_bold_words_over_several_lines_are_bold_in_each(tmp_path: Path) -> None:
    assert words.styled("one\ntwo \n\nthree", "**") == "**one**\n**two** \n\n**three**"
    part = {"type": "text", "text": "a\nb", "style": {"bold": True}}
    block = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [part]}]}
    assert slack_text.rich_text([block], Names(str, str)) == "**a**\n**b**"


# --- Mattermost, Rocket.Chat, our own -----------------------------------------------------------------


def mattermost(folder: Path) -> Path:
    post = {"team": "t", "channel": "town", "user": "bob", "create_at": 1704110401000}
    member = {"name": "t", "channels": [{"name": "town"}]}
    text = "@ada. Not mail@ada, `@ada`, but @ada"
    found = lines(
        {"type": "version", "version": 1},
        {"type": "user", "user": {"username": "ada", "email": "ada@example.org", "teams": [member]}},
        {"type": "user", "user": {"username": "bob", "teams": [member]}},
        {"type": "channel", "channel": {"team": "t", "name": "town", "display_name": "Town", "type": "O"}},
        {"type": "post", "post": {**post, "message": text}},
    )
    return written(folder, {"import.jsonl": found})


def test_mattermost_s_people_may_come_before_their_channels(tmp_path: Path) -> None:
    found = Found("mattermost", mattermost(tmp_path), Options())
    assert found.rooms["t/town"].members == ["ada", "bob"]


@pytest.mark.django_db
def test_who_has_another_name_here_is_named_so_in_texts(tmp_path: Path) -> None:
    person("ada")
    history_import(Wanted("mattermost", mattermost(tmp_path / "one")))
    assert Message.objects.get().text == "@ada-2. Not mail@ada, `@ada`, but @ada-2"
    own = {
        "manifest.json": {"format": "backchannel-export", "version": 1},
        "people.jsonl": lines({"username": "ada"}),
        "rooms.jsonl": lines({"room": "den", "kind": "private", "title": "Den", "members": []}),
        "messages.jsonl": lines(
            {"room": "den", "seq": 1, "username": "ada", "message": "hi @ada", "timestamp": "2024-01-01T10:00:00Z"}
        ),
    }
    history_import(Wanted("backchannel", written(tmp_path / "two", own)))
    assert Message.objects.get(room__slug="den").text == "hi @ada-3"


@pytest.mark.django_db
def test_rocket_chat_s_reactions_by_an_old_name_are_of_the_person(tmp_path: Path) -> None:
    def said(source: str, second: int, name: str, **more: Any) -> dict[str, Any]:
        at = {"$date": f"2024-01-01T12:00:{second:02}.000Z"}
        return {"_id": source, "rid": "R1", "msg": source, "ts": at, "u": {"_id": "u1", "username": name}, **more}

    liked = {":tada:": {"usernames": ["ada.old", "ghost"]}}
    files = {
        "users.json": lines({"_id": "u1", "username": "ada"}),
        "rocketchat_room.json": lines({"_id": "R1", "t": "c", "name": "tea"}),
        "rocketchat_message.json": lines(said("a", 1, "ada", reactions=liked), said("b", 2, "ada.old")),
    }
    history_import(Wanted("rocketchat", written(tmp_path, files)))
    author = Message.objects.get(seq=2).author
    assert set(Reaction.objects.values_list("user__username", flat=True)) == {author.username, "ghost"}


def test_rocket_chat_s_files_of_a_folder_beside_the_dump(tmp_path: Path) -> None:
    file = {"_id": "f1", "name": "notes.txt", "type": "text/plain"}
    at = {"$date": "2024-01-01T12:00:00.000Z"}
    said = {"_id": "m", "rid": "R", "msg": "", "ts": at, "u": {"_id": "u", "username": "ada"}, "files": [file]}
    found = Found(
        "rocketchat", written(tmp_path, {"rocketchat_message.json": lines(said), "uploads/f1": b"notes\n"}), Options()
    )
    assert [(one.name, one.size, one.state) for one in rows(found)[0].files] == [("notes.txt", 6, "present")]


# --- Discord, Telegram --------------------------------------------------------------------------------


def test_discord_s_files_lie_beside_the_json_or_at_a_path_in_full(tmp_path: Path) -> None:
    author = {"id": "1", "name": "ada"}

    def said(number: int, *urls: str) -> dict[str, Any]:
        files = [{"url": url, "fileName": f"{n}.png", "fileSizeBytes": 9} for n, url in enumerate(urls)]
        at = f"2024-03-05T10:00:0{number}+01:00"
        return {"id": str(number), "type": "Default", "timestamp": at, "author": author, "attachments": files}

    channel = {"id": "9", "type": "GuildTextChat", "name": "tea"}
    urls = ("tea.json_Files\\cat-1A2B3.png", "D:\\media\\dog-4C5D6.png", "https://cdn.discordapp.com/x.png", "gone.png")
    file = {"guild": {"id": "7"}, "channel": channel, "messages": [said(1, *urls)]}
    found = Found(
        "discord",
        written(
            tmp_path,
            {"home/tea.json": file, "home/tea.json_Files/cat-1A2B3.png": b"cat", "media/dog-4C5D6.png": b"dog!"},
        ),
        Options(),
    )
    assert [(one.size, one.state, one.path) for one in rows(found)[0].files] == [
        (3, "present", "home/tea.json_Files/cat-1A2B3.png"),
        (4, "present", "media/dog-4C5D6.png"),
        (9, "link", ""),
        (9, "missing", ""),
    ]


def telegram(folder: Path, *messages: dict[str, Any], options: Options = Options()) -> Found:  # noqa: B008 -- frozen
    chat = {"name": "Tea", "type": "private_group", "id": 4, "messages": messages}
    return Found("telegram", written(folder, {"result.json": chat}), options)


def test_telegram_of_2019_has_numbers_for_people_and_edits_in_1970(tmp_path: Path) -> None:
    old = {"type": "message", "from": "Ada", "edited": "1970-01-01T01:00:00"}
    found = telegram(
        tmp_path,
        {**old, "id": 1, "date": "2019-01-01T12:00:00", "from_id": 7, "text": "one"},
        {
            **old,
            "id": 2,
            "date": "2019-01-01T12:01:00",
            "from_id": 2**33 + 7,
            "text": "two",
            "edited": "2019-01-02T00:00:00",
        },
        options=Options(zone="Europe/Berlin"),
    )
    assert [one.author for one in rows(found)] == ["user7", "channel7"]
    assert [bool(one.edited) for one in rows(found)] == [False, True]


def test_telegram_s_numbers_above_2_to_the_63_end_nothing(tmp_path: Path) -> None:
    said = {"type": "message", "date_unixtime": "1704110400", "from": "Ada", "from_id": "user1"}
    where = {"latitude": 52.5, "longitude": 13.25}
    found = telegram(
        tmp_path,
        {**said, "id": 1, "text": "one", "document_id": 2**64},
        {**said, "id": 2, "text": "", "location_information": where},
    )
    assert texts(found) == ["one", "52.5, 13.25"]


def test_telegram_says_in_english_that_a_file_is_not_there(tmp_path: Path) -> None:
    said = {"type": "message", "date_unixtime": "1704110400", "from": "Ada", "from_id": "user1", "text": ""}
    sentence = "(File exceeds maximum size. Change data exporting settings to download.)"
    found = telegram(
        tmp_path,
        {**said, "id": 1, "file": sentence, "file_name": "plan (final).pdf", "file_size": 7},
        {**said, "id": 2, "photo": f"Photo {sentence}"},
        {**said, "id": 3, "file": "files/plan (final).pdf"},
    )
    written(tmp_path, {"files/plan (final).pdf": b"plan"})
    again = Found("telegram", tmp_path, Options())
    assert [(file.name, file.size, file.state) for one in rows(found) for file in one.files] == [
        ("plan (final).pdf", 7, "missing"),
        ("photo", None, "missing"),
        ("plan (final).pdf", None, "missing"),
    ]
    assert [file.state for one in rows(again) for file in one.files] == ["missing", "missing", "present"]


# --- Matrix, Teams, Zulip -----------------------------------------------------------------------------


def test_matrix_events_of_other_programs_than_element(tmp_path: Path) -> None:
    def event(source: str, second: int, content: dict[str, Any], **more: Any) -> dict[str, Any]:
        facts = {"event_id": source, "sender": "@ada:x.org", "type": "m.room.message", "room_id": "!r:x.org"}
        return {**facts, "origin_server_ts": 1704110400000 + second, "content": content, **more}

    def edit(source: str, second: int, body: str, sender: str) -> dict[str, Any]:
        new = {"msgtype": "m.text", "body": body}
        relates = {"rel_type": "m.replace", "event_id": "$1"}
        content = {"msgtype": "m.text", "body": f"* {body}", "m.new_content": new, "m.relates_to": relates}
        return event(source, second, content, sender=sender)

    liked = {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$1", "key": "👍️"}}
    events = [
        event("$1", 1, {"msgtype": "m.text", "body": "first"}),
        edit("$2", 2, "second", "@ada:x.org"),
        edit("$3", 4, "newest", "@ada:x.org"),
        edit("$4", 3, "older", "@ada:x.org"),
        edit("$5", 9, "of a stranger", "@eve:x.org"),
        event("$6", 5, liked, type="m.reaction", sender="@bob:x.org"),
        event("$7", 6, {}, type="m.reaction", sender="@bob:x.org", unsigned={"redacted_because": {}}),
    ]
    found = Found("matrix", written(tmp_path, {"export.json": {"room_name": "Tea", "messages": events}}), Options())
    assert texts(found) == ["newest"]
    assert (bool(rows(found)[0].edited), rows(found)[0].reactions) == (True, {"👍️": ["@bob:x.org"]})
    assert not found.notes.lost


def test_teams_replies_inside_of_messages_and_chats_with_their_members(tmp_path: Path) -> None:
    ada = {"user": {"id": "a", "displayName": "Ada"}}

    def said(number: int, **more: Any) -> dict[str, Any]:
        at = f"2024-01-01T12:00:{number:02}Z"
        body = {"contentType": "text", "content": f"message {number}"}
        return {"id": str(number), "messageType": "message", "createdDateTime": at, "from": ada, "body": body, **more}

    where = {"channelIdentity": {"teamId": "t", "channelId": "19:c"}}
    root = said(1, **where, replies=[said(2, **where, replyToId="1")])
    members = [{"id": "x", "userId": one, "displayName": one.upper()} for one in ("a", "b", "c")]
    chats = {"value": [{"id": "19:g@thread.v2", "topic": "Lunch", "chatType": "group", "members": members}]}
    files = {
        "channel.json": {"value": [root]},
        "chats.json": chats,
        "messages.json": {"value": [said(3, chatId="19:g@thread.v2")]},
    }
    found = Found("teams", written(tmp_path, files), Options())
    assert {one.text: one.thread for one in rows(found)} == {"message 1": None, "message 2": "1", "message 3": None}
    lunch = found.rooms["19:g@thread.v2"]
    assert (lunch.title, lunch.kind, lunch.members) == ("Lunch", "group", ["a", "b", "c"])
    assert found.people["c"].title == "C"


def test_zulip_s_mentions_by_id_alone(tmp_path: Path) -> None:
    realm = {
        "zerver_userprofile": [{"id": 10, "full_name": "Ada L", "delivery_email": "ada@x.org"}],
        "zerver_recipient": [{"id": 5, "type": 2, "type_id": 50}],
        "zerver_stream": [{"id": 50, "name": "tea", "recipient": 5}],
        "zerver_subscription": [],
    }
    said = {
        "id": 1,
        "sender": 10,
        "recipient": 5,
        "subject": "",
        "date_sent": 1704110400.5,
        "content": "@**|10** @****",
    }
    found = Found(
        "zulip", written(tmp_path, {"realm.json": realm, "messages-000001.json": {"zerver_message": [said]}}), Options()
    )
    assert texts(found) == ["@ada @****"]
