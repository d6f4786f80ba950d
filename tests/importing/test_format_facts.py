"""Facts of the formats that no sample contains: one small file for each."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from chat.importing import slack_text
from chat.importing.slack_text import Names
from chat.importing.stream import NotAnExport, Options
from chat.models import Message
from chat.services.imports.loading import Wanted, history_import
from tests.importing.samples import Found
from tests.importing.test_quirks import rows, slack, texts, written
from tests.importing.test_real_exports import lines, telegram

NAMES = Names(lambda source: {"U1": "ada"}.get(source, source), lambda source: {"C1": "tea"}.get(source, source))
DAY = [{"type": "message", "user": "U1", "ts": "1704110500.000100", "text": "note"}]


# --- Slack --------------------------------------------------------------------------------------------


def test_slack_s_grid_lists_its_people_for_the_organisation(tmp_path: Path) -> None:
    files = {
        "org_users.json": [{"id": "W1", "name": "ada", "profile": {"real_name": "Ada L"}}],
        "channels.json": [{"id": "C1", "name": "tea", "members": ["W1"], "created": 1}],
        "tea/2024-01-01.json": [{**DAY[0], "user": "W1"}],
    }
    found = Found("slack", written(tmp_path, files), Options())
    assert found.people["W1"].title == "Ada L"
    assert found.rooms["C1"].created_at is None


def test_slack_s_export_of_one_person_in_texts_is_refused(tmp_path: Path) -> None:
    files = {"channels/tea/2024-01-01.txt": "hi", "dms/bob/2024-01-01.txt": "hi", "files/x": b"x"}
    with pytest.raises(NotAnExport, match="no JSON export of Slack"):
        Found("slack", written(tmp_path, files), Options())


def test_slackdump_s_rooms_without_names_lie_under_their_ids(tmp_path: Path) -> None:
    files = {"users.json": [], "channels.json": [{"id": "C9"}], "C9/2024-01-01.json": DAY}
    found = Found("slack", written(tmp_path, files), Options())
    assert [(one.room, one.text) for one in rows(found)] == [("C9", "note")]


def test_slack_s_groups_of_the_same_people_are_different_rooms(tmp_path: Path) -> None:
    groups = [{"id": f"G{n}", "name": f"mpdm-ada--bob--eve-{n}", "members": ["U1", "U2", "U3"]} for n in (1, 2)]
    days = {f"mpdm-ada--bob--eve-{n}/2024-01-01.json": DAY for n in (1, 2)}
    found = slack(tmp_path, **{"mpims.json": groups, **days})
    assert sorted(one.room for one in rows(found)) == ["G1", "G2"]


@pytest.mark.parametrize(
    ("file", "state"),
    [
        ({"mode": "tombstone"}, "deleted"),
        ({"mode": "hidden_by_limit"}, "hidden"),
        ({"file_access": "access_denied", "name": "a"}, "denied"),
        ({"file_access": "file_not_found", "name": "a"}, "missing"),
        ({"file_access": "check_file_info", "name": "a"}, "missing"),
        ({"mode": "external", "name": "a", "url_private": "https://docs.example/a"}, "external"),
        ({"filetype": "quip", "name": "canvas", "url_private": "https://files.slack.com/c"}, "link"),
    ],
)
def test_slack_s_files_by_their_state(file: dict[str, Any], state: str, tmp_path: Path) -> None:
    found = slack(tmp_path, {"user": "U1", "text": "", "files": [{"id": "F1", **file}]})
    assert [one.state for one in rows(found)[0].files] == [state]


def test_slack_s_author_of_an_old_upload_is_that_of_the_file(tmp_path: Path) -> None:
    found = slack(tmp_path, {"subtype": "file_share", "text": "x", "file": {"id": "F1", "user": "U1", "name": "a.txt"}})
    assert rows(found)[0].author == "U1"


@pytest.mark.parametrize(
    "subtype",
    [
        *("channel_join", "channel_leave", "channel_name", "channel_topic", "channel_purpose", "group_join"),
        *("pinned_item", "bot_add", "sh_room_created", "huddle_thread", "channel_archive"),
    ],
)
def test_slack_s_lines_about_the_room_are_no_messages(subtype: str, tmp_path: Path) -> None:
    found = slack(tmp_path, {"user": "U00", "subtype": subtype, "text": "x"})
    assert (rows(found), found.notes.passed.total(), found.notes.lost.total()) == ([], 1, 0)


def test_slack_s_rich_text_in_all_its_parts() -> None:
    def text(words: str, **style: bool) -> dict[str, Any]:
        return {"type": "text", "text": words, "style": style}

    def section(*elements: dict[str, Any], kind: str = "rich_text_section", **more: Any) -> dict[str, Any]:
        return {"type": kind, "elements": list(elements), **more}

    emoji = {"type": "emoji", "name": "wave", "unicode": "1f44b-1f3fd"}
    link = {"type": "link", "url": "https://a.example", "text": "there"}
    block = {
        "type": "rich_text",
        "elements": [
            section(text("in"), text("sid", bold=True), text("e "), emoji, text(" "), link),
            section(section(text("one")), section(text("two")), kind="rich_text_list", style="ordered", indent=0),
            section(section(text("deep")), kind="rich_text_list", style="bullet", indent=1),
            section(text("a < b && *c*"), kind="rich_text_preformatted"),
            section(text("said"), kind="rich_text_quote"),
            section({"type": "user", "user_id": "U1"}, text(" "), {"type": "channel", "channel_id": "C1"}),
            section({"type": "broadcast", "range": "here"}, text(" "), text("x", code=True)),
        ],
    }
    assert slack_text.rich_text([block], NAMES) == (
        "in**sid**e 👋🏽 [there](https://a.example)\n1. one\n2. two\n    - deep\n```\na < b && *c*\n```\n> said\n"
        "@ada #tea\n@here `x`"
    )


def test_slack_s_blocks_of_apps_known_and_unknown(tmp_path: Path) -> None:
    blocks = [
        {
            "type": "context",
            "elements": [{"type": "mrkdwn", "text": "*built* by"}, {"type": "image", "alt_text": "ci"}],
        },
        {"type": "image", "title": {"type": "plain_text", "text": "Graph"}, "image_url": "https://a.example/g.png"},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "a"}, {"type": "mrkdwn", "text": "b"}]},
        {"type": "call", "call_id": "R1"},
        {"type": "contact_card", "text": {"type": "plain_text", "text": "Ada"}},
        {"type": "condition", "elements": [{"type": "section", "text": {"type": "mrkdwn", "text": "if"}}]},
    ]
    found = slack(tmp_path, {"user": "U1", "text": "", "blocks": blocks})
    assert texts(found) == ["**built** by ci\n[Graph](https://a.example/g.png)\na\nb\nAda\nif"]


# --- Mattermost, Zulip, Rocket.Chat -------------------------------------------------------------------


def test_mattermost_s_bots_plugins_and_people_who_left(tmp_path: Path) -> None:
    def post(user: str, second: int, **more: Any) -> dict[str, Any]:
        facts = {"team": "t", "channel": "den", "user": user, "message": user, "create_at": 1704110400000 + second}
        return {"type": "post", "post": {**facts, **more}}

    path = "bulk-export-attachments/F1_notes.txt"
    found = Found(
        "mattermost",
        written(
            tmp_path,
            {
                "import.jsonl": lines(
                    {"type": "version", "version": 1},
                    {"type": "channel", "channel": {"team": "t", "name": "den", "display_name": "Den", "type": "P"}},
                    {"type": "user", "user": {"username": "gone", "delete_at": 1704110400000}},
                    {"type": "bot", "bot": {"username": "ci", "display_name": "CI", "owner": "gone"}},
                    post("gone", 1),
                    post("ci", 2, props={"from_bot": "true"}),
                    post("gone", 3, type="custom_calls", attachments=[{"path": path}]),
                ),
                f"data/{path}": b"notes\n",
            },
        ),
        Options(),
    )
    assert (found.rooms["t/den"].kind, found.people["gone"].active, found.people["ci"].bot) == ("private", False, True)
    assert [one.author for one in rows(found)] == ["gone", "ci", "gone"]
    assert [(file.name, file.state) for file in rows(found)[2].files] == [("F1_notes.txt", "present")]


def test_zulip_s_talks_of_two_in_a_group_people_without_accounts_and_broken_exports(tmp_path: Path) -> None:
    realm = {
        "zerver_userprofile": [{"id": n, "full_name": f"P{n}", "delivery_email": f"p{n}@x.org"} for n in (1, 2, 3)],
        "zerver_userprofile_mirrordummy": [
            {"id": 9, "full_name": "Old", "email": "old@x.org", "is_mirror_dummy": True}
        ],
        "zerver_recipient": [
            {"id": 1, "type": 1, "type_id": 1},
            {"id": 7, "type": 3, "type_id": 70},
            {"id": 8, "type": 3, "type_id": 80},
        ],
        "zerver_subscription": [
            {"recipient": recipient, "user_profile": one}
            for recipient, people in ((7, (1, 2)), (8, (1, 2, 3)))
            for one in people
        ],
    }

    def said(number: int, recipient: int, sender: int) -> dict[str, Any]:
        facts = {
            "id": number,
            "sender": sender,
            "recipient": recipient,
            "subject": "\x07",
            "date_sent": 1704110400 + number,
        }
        return {**facts, "content": f"message {number}"}

    messages = {"zerver_message": [said(1, 7, 1), said(2, 1, 2), said(3, 8, 3), said(4, 8, 9)]}
    files = {"realm.json": realm, "messages-000001.json": messages, "messages-000002.json.partial": b""}
    found = Found("zulip", written(tmp_path, files), Options())
    by_id = {one.id: one for one in rows(found)}
    assert by_id["1"].room == by_id["2"].room
    assert (found.rooms[by_id["1"].room].kind, found.rooms[by_id["3"].room].kind) == ("direct", "group")
    assert (found.people["9"].active, found.people["9"].email) == (False, "")
    assert found.notes.lost["file", "is left over from an export that broke off"] == 1


def test_rocket_chat_s_encrypted_words_and_rooms_of_visitors(tmp_path: Path) -> None:
    at = {"$date": {"$numberLong": "1704110400000"}}
    said = {"rid": "L1", "ts": at, "u": {"_id": "v1", "username": "guest-1", "name": "Zoe"}}
    files = {
        "rocketchat_message.json": lines(
            {**said, "_id": "a", "msg": "hello"}, {**said, "_id": "b", "msg": "8dh2…", "t": "e2e"}
        ),
        "rocketchat_room.json": lines({"_id": "L1", "t": "l", "fname": "Zoe"}),
    }
    found = Found("rocketchat", written(tmp_path, files), Options())
    assert (texts(found), found.rooms["L1"].kind) == (["hello", ""], "private")
    assert found.notes.lost["text", "is encrypted from end to end"] == 1
    assert found.people["v1"].title == "Zoe"


# --- Discord, Telegram --------------------------------------------------------------------------------


def discord(name: str, *messages: dict[str, Any], **channel: Any) -> dict[str, Any]:
    facts = {"id": "9", "type": "GuildTextChat", "name": "tea", **channel}
    return {"guild": {"id": "7", "name": "Home"}, "channel": facts, "messages": list(messages), "name": name}


def post(number: int, content: str = "", **more: Any) -> dict[str, Any]:
    author = {"id": "1", "name": "ada", "nickname": "Ada L"}
    at = f"2024-03-05T10:00:{number:02}+01:00"
    return {"id": str(number), "type": "Default", "timestamp": at, "author": author, "content": content, **more}


def test_discord_s_parts_are_one_room_and_a_private_thread_is_private(tmp_path: Path) -> None:
    files = {
        "tea [9] [part 10].json": discord("x", post(3, "three")),
        "tea [9] [part 2].json": discord("x", post(2, "two")),
        "tea [9].json": discord("x", post(1, "one")),
        "plan [10].json": discord("x", post(4, "four"), id="10", type="GuildPrivateThread", categoryId="9"),
    }
    found = Found("discord", written(tmp_path, files), Options())
    assert texts(found) == ["four", "one", "two", "three"]
    assert {room.id: room.kind for room in found.rooms.values()} == {"9": "public", "10": "private"}


def test_discord_with_raw_marks_and_kinds_that_are_numbers(tmp_path: Path) -> None:
    known = [{"id": "2", "name": "bob", "nickname": "Bob"}]
    raw = "<@2> <@!2> in <#9>, <#77>, <:party:123> <a:dance:124> ||secret|| __under__"
    messages = [
        post(1, raw, mentions=known),
        *(post(n, "x", type=kind) for n, kind in ((2, "24"), (3, "46"), (4, "11"))),
    ]
    found = Found("discord", written(tmp_path, {"a.json": discord("x", *messages)}), Options())
    [said] = texts(found)
    assert said.startswith("@bob @bob in #tea, ")
    assert said.endswith(":party: :dance: secret under")
    assert found.notes.passed.total() == 3


def test_telegram_s_entities_of_every_kind(tmp_path: Path) -> None:
    parts = [
        {"type": "plain", "text": "see "},
        {"type": "text_link", "text": "this", "href": "https://a.example"},
        {"type": "plain", "text": " "},
        {"type": "code", "text": "a*b"},
        {"type": "plain", "text": " "},
        {"type": "spoiler", "text": "secret"},
        {"type": "underline", "text": " under"},
        {"type": "custom_emoji", "text": "👍", "document_id": "x"},
        {"type": "mention_name", "text": "Bob", "user_id": 2},
        {"type": "pre", "text": "x = 1", "language": "python"},
        {"type": "blockquote", "text": "said"},
        {"type": "strikethrough", "text": "gone"},
        {"type": "hashtag", "text": "#tea"},
    ]
    said = {"type": "message", "date_unixtime": "1704110400"}
    found = telegram(
        tmp_path,
        {**said, "id": 1, "from": "Bob", "from_id": "user2", "text": "first"},
        {**said, "id": 2, "from": "Tea", "from_id": "channel4", "author": "Ada", "text_entities": parts, "text": "x"},
        {**said, "id": 3, "from": "Bob", "from_id": "user2", "text": "far", "forwarded_from": None},
    )
    assert texts(found) == [
        "first",
        "see [this](https://a.example) `a*b` secret under👍@bob\n```python\nx = 1\n```\n> said\n\n~~gone~~#tea",
        "far",
    ]
    assert rows(found)[1].author == "channel4"


def test_telegram_s_messages_without_text_and_reactions_of_no_one(tmp_path: Path) -> None:
    said = {"type": "message", "date_unixtime": "1704110400", "from": "Ada", "from_id": "user1", "text": ""}
    poll = {"question": "Tea?", "answers": [{"text": "yes", "voters": 3}, {"text": "no", "voters": 0}]}
    contact = {"first_name": "Bob", "last_name": "Stone", "phone_number": "+49170"}
    reactions = [{"type": "paid", "count": 3}, {"type": "custom_emoji", "count": 2, "document_id": "x"}]
    found = telegram(
        tmp_path,
        {**said, "id": 1, "poll": poll, "reactions": reactions},
        {**said, "id": 2, "contact_information": contact},
        {**said, "id": 3, "todo_list": {"title": "Buy", "answers": [{"text": "tea"}]}},
        {**said, "id": 4, "game_title": "Chess", "game_description": "a game"},
        {**said, "id": 5, "file": "stickers/s.webp", "media_type": "sticker", "sticker_emoji": "😀"},
    )
    assert texts(found) == ["Tea?\n- yes: 3\n- no: 0", "Bob Stone +49170", "Buy\n- tea", "Chess\na game", "😀"]
    assert (rows(found)[0].reactions, found.notes.lost.total()) == ({}, 5)


def test_lines_about_a_room_are_kept_where_a_message_answers_them(tmp_path: Path) -> None:
    reply = {"type": "Reply", "reference": {"messageId": "1", "channelId": "9"}}
    joined = [post(n, "Joined the server.", type="GuildMemberJoin") for n in (1, 2)]
    found = Found(
        "discord", written(tmp_path / "d", {"a.json": discord("x", *joined, post(3, "hi", **reply))}), Options()
    )
    assert [(one.text, one.reply_to) for one in rows(found)] == [("Joined the server.", None), ("hi", "1")]
    facts = {"date_unixtime": "1704110400", "from": "Ada", "from_id": "user1"}
    topic = {"id": 1, "type": "service", "actor": "Ada", "actor_id": "user1", "action": "topic_created", "title": "Tea"}
    said = {**facts, "id": 2, "type": "message", "text": "green", "reply_to_message_id": 1}
    found = telegram(tmp_path / "t", {**facts, **topic}, said, {**facts, **topic, "id": 3})
    assert [(one.text, one.reply_to) for one in rows(found)] == [("Tea", None), ("green", "1")]
    first = "1704110400.000100"
    found = slack(
        tmp_path / "s",
        {"user": "USLACKBOT", "subtype": "huddle_thread", "text": "A huddle started", "thread_ts": first},
        {"user": "U1", "text": "minutes", "thread_ts": first},
    )
    assert [(one.text, one.thread) for one in rows(found)] == [("A huddle started", None), ("minutes", first)]


@pytest.mark.django_db
def test_an_import_keeps_the_lines_that_are_answered_and_no_others(tmp_path: Path) -> None:
    reply = {"type": "Reply", "reference": {"messageId": "1", "channelId": "9"}}
    joined = [post(n, "Joined the server.", type="GuildMemberJoin") for n in (1, 2)]
    path = written(tmp_path, {"a.json": discord("x", *joined, post(3, "hi", **reply))})
    checked, report = (history_import(Wanted("discord", path, dry_run=dry)) for dry in (True, False))
    assert checked["counts"] == report["counts"]
    assert list(Message.objects.order_by("seq").values_list("text", "reply_to")) == [
        ("Joined the server.", None),
        ("hi", 1),
    ]


# --- Matrix, Teams ------------------------------------------------------------------------------------


def test_matrix_media_polls_stickers_and_counts_in_a_zip_of_element(tmp_path: Path) -> None:
    def event(number: int, content: dict[str, Any], **more: Any) -> dict[str, Any]:
        facts = {"event_id": f"${number}", "sender": "@ada:x.org", "type": "m.room.message", "room_id": "!r:x.org"}
        return {**facts, "origin_server_ts": 1704110400000 + number, "content": content, **more}

    sealed = {"msgtype": "m.file", "body": "look here", "filename": "plan.pdf", "file": {"url": "mxc://x/2"}}
    poll = {"question": {"m.text": "Tea?"}, "answers": [{"m.text": "yes"}, {"m.text": "no"}]}
    counted = {"m.relations": {"m.annotation": {"chunk": [{"type": "m.reaction", "key": "👍", "count": 2}]}}}
    notice = {"msgtype": "m.notice", "body": "built"}
    events = [
        event(1, {"msgtype": "m.image", "body": "cat.png", "url": "mxc://x/1", "info": {"size": 9}}),
        event(2, sealed),
        event(3, {"body": "tea time", "url": "mxc://x/3"}, type="m.sticker"),
        event(4, {"m.poll": poll}, type="m.poll.start"),
        event(5, {"org.matrix.msc3381.poll.start": poll}, type="org.matrix.msc3381.poll.start"),
        event(6, notice, unsigned=counted),
    ]
    with zipfile.ZipFile(tmp_path / "tea.zip", "w") as out:
        out.writestr("Tea/export.json", json.dumps({"room_name": "Tea", "room_creator": "Ada", "messages": events}))
        out.writestr("Tea/images/cat-2024-01-01 at 12-00-00.png", b"cat!")
    found = Found("matrix", tmp_path / "tea.zip", Options())
    assert texts(found) == ["", "look here", "", "Tea?\n1. yes\n2. no", "Tea?\n1. yes\n2. no", "built"]
    files = [(file.name, file.size, file.state) for one in rows(found) for file in one.files]
    assert files == [("cat.png", 4, "present"), ("plan.pdf", None, "link"), ("tea time", None, "sticker")]
    assert found.notes.lost.total() == 2


def test_teams_code_images_quotes_and_files(tmp_path: Path) -> None:
    ada = {"user": {"id": "a", "displayName": "Ada"}}

    def said(number: int, html: str, *attachments: dict[str, Any], **more: Any) -> dict[str, Any]:
        body = {"contentType": "html", "content": html}
        facts = {"id": str(number), "messageType": "message", "createdDateTime": f"2024-01-01T12:00:{number:02}Z"}
        return {**facts, "chatId": "19:c", "from": ada, "body": body, "attachments": list(attachments), **more}

    quote = {"id": "1", "contentType": "messageReference", "content": json.dumps({"messageId": "1"})}
    file = {
        "id": "2",
        "contentType": "reference",
        "name": "plan.docx",
        "contentUrl": "https://x.sharepoint.com/plan.docx",
    }
    card = {
        "contentType": "application/vnd.microsoft.card.thumbnail",
        "content": json.dumps({"title": "T", "text": "words"}),
    }
    values = [
        said(1, "<p>one&nbsp;two</p><codeblock class='Python'><code>x = 1<br>y</code></codeblock>"),
        said(2, '<attachment id="1"></attachment><p>yes</p>', quote),
        said(3, '<p>see</p><img alt="graph" src="https://graph.example/1/$value">', file),
        said(4, "", card, **{"from": {"application": {"id": "b", "displayName": "CI"}}}),
        said(5, "<systemEventMessage/>", messageType="systemEventMessage"),
    ]
    found = Found("teams", written(tmp_path, {"messages.json": {"value": values}}), Options())
    assert texts(found) == ["one two\n```python\nx = 1\ny\n```", "yes", "see", "T\nwords"]
    assert rows(found)[1].reply_to == "1"
    assert [(one.name, one.state) for one in rows(found)[2].files] == [("plan.docx", "link"), ("graph", "link")]
    assert found.people["b"].bot
