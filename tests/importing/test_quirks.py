"""What real exports contain and the samples do not: peculiarities of each format, in small files made here."""

import json
from pathlib import Path
from typing import Any

import pytest

from chat.importing.stream import Message, Options
from tests.importing.samples import Found

UTC = Options(zone="UTC", day_first=True)


def written(folder: Path, files: dict[str, Any]) -> Path:
    for name, value in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(value, bytes):
            path.write_bytes(value)
        else:
            path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")
    return folder


def rows(found: Found) -> list[Message]:
    return list(found.messages.values())


def texts(found: Found) -> list[str]:
    return [one.text for one in rows(found)]


# --- Slack --------------------------------------------------------------------------------------------


def slack(folder: Path, *said: dict[str, Any], **lists: Any) -> Found:
    users = [{"id": "U1", "name": "ada", "profile": {"display_name": "", "real_name": "Ada L"}}]
    files = {"users.json": users, "channels.json": [{"id": "C1", "name": "tea", "members": ["U1", "W9"]}], **lists}
    said = tuple({"type": "message", "ts": f"17041104{n:02}.000100", **one} for n, one in enumerate(said))
    return Found("slack", written(folder, files | {"tea/2024-01-01.json": list(said)}), Options())


def test_slack_names_people_who_are_in_no_list(tmp_path: Path) -> None:
    profile = {"real_name": "Zoe Far", "display_name": "zoe", "name": "zoe.far"}
    found = slack(
        tmp_path,
        {"user": "U7", "user_profile": profile, "team": "T2", "text": "from <@U8|old.name> and <@W9> to <@U1>"},
        {"user": "U1", "bot_id": None, "text": "fine"},
        {"subtype": "bot_message", "bot_id": "B1", "username": "Deploy", "text": "done &lt;b&gt; &amp;amp;"},
        {"subtype": "bot_message", "bot_id": "B1", "username": "Alarm", "text": ""},
    )
    assert texts(found)[:3] == ["from @old.name and @W9 to @ada", "fine", "done <b> &amp;"]
    assert [found.people[str(one.author)].title for one in rows(found)] == ["zoe", "Ada L", "Deploy", "Alarm"]


def test_slack_s_actions_are_italic_also_where_their_words_were(tmp_path: Path) -> None:
    found = slack(
        tmp_path,
        {"user": "U1", "subtype": "me_message", "text": "waves"},
        {"user": "U1", "subtype": "me_message", "text": "_waves_"},
        {"user": "U1", "subtype": "me_message", "text": "waves _hard_ and *long*"},
    )
    assert texts(found) == ["*waves*", "*waves*", "*waves *hard* and **long***"]


def test_slack_keeps_what_only_blocks_and_attachments_say(tmp_path: Path) -> None:
    table = {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}, {"type": "raw_text", "text": "b"}]]}
    header = {"type": "header", "text": {"type": "plain_text", "text": "Build"}}
    alert = {
        "pretext": "Look",
        "title": "Red",
        "title_link": "https://ci.example",
        "text": "it failed",
        "fallback": "x",
    }
    share = {
        "is_share": True,
        "author_id": "U1",
        "text": "shared words",
        "from_url": "https://x.slack.com/archives/C1/p1",
    }
    preview = {"from_url": "https://example.org", "title": "A page", "text": "of the web"}
    found = slack(
        tmp_path,
        {"user": "U1", "text": "", "blocks": [header, table]},
        {"user": "U1", "text": "", "blocks": None, "attachments": [alert]},
        {"user": "U1", "text": "", "attachments": [share]},
        {"user": "U1", "text": "<https://example.org>", "attachments": [preview]},
    )
    assert texts(found) == [
        "**Build**\na | b",
        "Look\n[Red](https://ci.example)\nit failed",
        "> shared words",
        "https://example.org",
    ]


def test_slack_s_other_files_in_a_folder_and_a_folder_by_id_or_name(tmp_path: Path) -> None:
    dms = [{"id": "D1", "members": ["U1", "U1"], "created": 1}]
    groups = [{"id": "G1", "name": "mpdm-ada--bob-1", "members": ["U1", "U2", "U3"]}, {"id": "G2", "members": ["U1"]}]
    day = [{"type": "message", "user": "U1", "ts": "1704110500.000100", "text": "note"}]
    found = slack(
        tmp_path,
        {"user": "U1", "text": "hi"},
        **{
            "dms.json": dms,
            "mpims.json": groups,
            "D1/2024-01-01.json": day,
            "mpdm-ada--bob-1/2024-01-01.json": day,
            "tea/canvas_in_the_conversation.json": {"id": "F1"},
            "gone/2024-01-01.json": day,
        },
    )
    assert {(one.room, one.text) for one in rows(found)} == {
        ("C1", "hi"),
        ("D1", "note"),
        ("G1", "note"),
        ("gone", "note"),
    }
    assert (found.rooms["D1"].kind, found.rooms["D1"].members) == ("direct", ["U1"])
    assert found.rooms["gone"].kind == "private"


def test_slack_s_threads_hang_on_thread_ts_alone(tmp_path: Path) -> None:
    first = "1704110400.000100"
    found = slack(
        tmp_path,
        {
            "subtype": "tombstone",
            "user": "USLACKBOT",
            "hidden": True,
            "text": "This message was deleted.",
            "thread_ts": first,
        },
        {"user": "U1", "text": "a", "thread_ts": first},
        {
            "user": "U1",
            "text": "b",
            "thread_ts": first,
            "subtype": "thread_broadcast",
            "root": {"text": "copy", "ts": first},
        },
        {"user": "U1", "text": "c", "thread_ts": "1600000000.000100", "parent_user_id": "USLACKBOT"},
        {"user": "U1", "text": "d", "edited": {"user": "USLACKBOT", "ts": "1704110500.000000"}},
    )
    assert [(one.deleted, one.thread, one.in_room) for one in rows(found)] == [
        (True, None, False),
        (False, first, False),
        (False, first, True),
        (False, "1600000000.000100", False),
        (False, None, False),
    ]
    assert rows(found)[4].edited is None


# --- Mattermost, Rocket.Chat --------------------------------------------------------------------------


def test_mattermost_s_posts_come_in_any_order_and_may_lack_their_room(tmp_path: Path) -> None:
    def post(text: str, at: int, **more: Any) -> dict[str, Any]:
        facts = {"team": "t", "channel": "town", "user": "ada", "message": text, "create_at": at, "replies": None}
        return {"type": "post", "post": {**facts, "reactions": None, "attachments": None, **more}}

    hook = {"from_webhook": "true", "override_username": "CI", "attachments": [{"text": "built", "title": "Job"}]}
    direct = {"channel_members": ["ada", "ada"], "user": "ada", "message": "note", "create_at": 1704110405000}
    lines = [
        {"type": "version", "version": 1},
        post("second", 1704110402000),
        post("first ~town and :+1:", 1704110401000, edit_at=0),
        post("", 1704110403000, props=hook),
        post("waves", 1704110404000, type="me", replies=[{"user": "bob", "message": "hi", "create_at": 1704110406000}]),
        post("ada joined", 1704110407000, type="system_join_channel"),
        {"type": "direct_post", "direct_post": direct},
        {"type": "playbook", "playbook": {}},
    ]
    found = Found("mattermost", written(tmp_path, {"import.jsonl": "\n".join(map(json.dumps, lines))}), Options())
    in_town = [one for one in rows(found) if one.room == "t/town"]
    assert [one.text for one in in_town] == ["first #town and 👍", "second", "Job\nbuilt", "*waves*", "hi"]
    assert found.people[str(in_town[2].author)].title == "CI"
    assert in_town[4].thread == in_town[3].id or in_town[4].thread is not None
    assert found.rooms["ada"].kind == "direct"
    assert found.notes.lost.total() == 1


def test_rocket_chat_s_hidden_versions_and_replies_that_the_room_shows(tmp_path: Path) -> None:
    def said(source: str, second: int, **more: Any) -> dict[str, Any]:
        at = {"$date": f"2024-01-01T12:00:{second:02}.000Z"}
        return {"_id": source, "rid": "R1", "msg": source, "ts": at, "u": {"_id": "u1", "username": "ada"}, **more}

    lines = [
        said("reply", 5, tmid="root", tshow=True),
        said("root", 1, tcount=2),
        said("old", 1, _hidden=True, parent="root"),
        said("lost", 6, tmid="nobody"),
        said("gone", 7, t="rm", msg=""),
        said("joined", 8, t="uj"),
        said("bold", 9, msg="*b* _i_ ~s~ [x](https://e.org) <b>", alias="Hook", bot={"i": "1"}),
        said("liked", 10, reactions={":thumbsup:": {"usernames": ["ada", "ghost"]}}),
    ]
    files = {
        "rocketchat_message.json": "\n".join(map(json.dumps, lines)),
        "rocketchat_room.json": json.dumps({"_id": "R1", "t": "c", "name": "x9k", "fname": "Tea talk", "prid": "R0"}),
    }
    found = Found("rocketchat", written(tmp_path, files), Options())
    by_id = {one.id: one for one in rows(found)}
    assert list(by_id) == ["root", "reply", "lost", "gone", "bold", "liked"]
    assert (by_id["reply"].thread, by_id["reply"].in_room, by_id["lost"].in_room) == ("root", True, False)
    assert by_id["gone"].deleted
    assert by_id["bold"].text == "**b** *i* ~~s~~ [x](https://e.org) <b>"
    assert found.people[str(by_id["bold"].author)].title == "Hook"
    assert by_id["liked"].reactions == {"👍": ["u1", "ghost"]}
    assert found.rooms["R1"].title == "Tea talk"


# --- Discord, Telegram --------------------------------------------------------------------------------


def test_discord_s_times_kinds_and_long_ids(tmp_path: Path) -> None:
    def said(number: int, at: str, **more: Any) -> dict[str, Any]:
        author = {"id": "1214500904632320001", "name": "ada", "nickname": "Ada L", "isBot": False}
        return {"id": f"121450090463232{number:04}", "type": "Default", "timestamp": at, "author": author, **more}

    known = {"id": "1214500904632320002", "name": "bob", "nickname": "Bob the Great"}
    messages = [
        said(1, "2024-03-05T10:00:00.1234567+01:00", content="one"),
        said(2, "2024-03-05T10:00:01+01:00", content="hi @Bob the Great and @Unknown", mentions=[known]),
        said(3, "2024-03-05T10:00:02.5+01:00", type="20", content="of a program"),
        said(4, "2024-03-05T10:00:03+01:00", type="21", content=""),
        said(5, "2024-03-05T10:00:04+01:00", type="8", content="boosted"),
        said(6, "2024-03-05T10:00:05+01:00", type="Forward", content="", forwardedMessage={"content": "far"}),
        said(
            7, "2024-03-05T10:00:06+01:00", type="Reply", content="re", reference={"messageId": None, "channelId": None}
        ),
    ]
    channel = {
        "id": "9",
        "type": "GuildPublicThread",
        "categoryId": "8",
        "category": "tea",
        "name": "leaves",
        "topic": None,
    }
    file = {"guild": {"id": "7", "name": "Home"}, "channel": channel, "messages": messages, "messageCount": 7}
    found = Found("discord", written(tmp_path, {"a.json": file}), Options())
    assert texts(found) == ["one", "hi @bob and @Unknown", "of a program", "> far", "re"]
    assert f"{rows(found)[0].at:%H:%M:%S.%f}" == "09:00:00.123456"
    assert rows(found)[4].reply_to is None


def test_telegram_s_escapes_entities_and_edits(tmp_path: Path) -> None:
    def said(number: int, text: Any, **more: Any) -> dict[str, Any]:
        facts = {
            "id": number,
            "type": "message",
            "date": "2024-01-01T12:00:00",
            "date_unixtime": str(1704110400 + number),
        }
        return {**facts, "from": "Ada", "from_id": "user1", "text": text, **more}

    mixed = ["see ", {"type": "bold", "text": "this"}, {"type": "plain", "text": "!"}]
    liked = [{"type": "emoji", "count": 2, "emoji": "👍", "recent": [{"from": "Bob", "from_id": "user2"}]}]
    messages = [
        said(1, "bell BELL"),
        said(2, mixed),
        said(3, "new", edited_unixtime="1704110500", edited="2024-01-01T12:01:40"),
        said(4, "liked", edited_unixtime="1704110500", reactions=liked),
        said(5, "re", reply_to_message_id=1),
        said(6, "elsewhere", reply_to_message_id=1, reply_to_peer_id="channel5"),
        {**said(7, "bye"), "from": None, "from_id": "user3"},
        {"id": 8, "type": "unsupported"},
        {"id": 9, "type": "service", "action": "pin_message", "date": "2024-01-01T12:00:00", "text": ""},
        said(10, "", photo="(File not included. Change data exporting settings to download.)"),
    ]
    chat = {"name": "Tea", "type": "private_group", "id": 4, "messages": messages}
    raw = json.dumps(chat).replace("bell BELL", r"bell \x07")
    found = Found("telegram", written(tmp_path, {"result.json": raw}), Options())
    assert texts(found)[1:7] == ["see **this**!", "new", "liked", "re", "elsewhere", "bye"]
    assert texts(found)[0].startswith("bell")
    assert [bool(one.edited) for one in rows(found)[2:4]] == [True, False]
    assert [one.reply_to for one in rows(found)[4:6]] == ["1", None]
    assert not found.people["user3"].active
    assert rows(found)[3].reactions == {"👍": ["user2"]}
    assert rows(found)[-1].files[0].state == "missing"


def test_telegram_s_chats_of_one_number_are_two_rooms(tmp_path: Path) -> None:
    def chat(kind: str, name: str) -> dict[str, Any]:
        said = {
            "id": 1,
            "type": "message",
            "date_unixtime": "1704110400",
            "from": "A",
            "from_id": "user1",
            "text": name,
        }
        return {"name": name, "type": kind, "id": 10, "messages": [said]}

    file = {
        "chats": {"about": "", "list": [chat("personal_chat", "Bob"), chat("public_channel", "News")]},
        "left_chats": {"list": [chat("public_channel", "News")]},
    }
    found = Found("telegram", written(tmp_path, {"result.json": file}), Options())
    assert {(one.room, one.text) for one in rows(found)} == {("10", "Bob"), ("10/public_channel", "News")}


# --- WhatsApp, IRC ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "at"),
    [
        ("3/25/24, 10:15\u202fPM - ", "2024-03-25 22:15"),
        ("25/03/2024 22:15 - ", "2024-03-25 22:15"),
        ("2024/03/25, 22:15 - ", "2024-03-25 22:15"),
        ("25.3.2024 klo 22.15 - ", "2024-03-25 22:15"),
        ("25/3/24, 10:15 p. m. - ", "2024-03-25 22:15"),
        ("25-03-2024 22:15 - ", "2024-03-25 22:15"),
        ("٢٥/٣/٢٠٢٤، ٢٢:١٥ - ", "2024-03-25 22:15"),
        ("[25.03.24, 22:15:30] ", "2024-03-25 22:15"),
        ("\u200e[25/03/2024, 10:15:30\u202fPM] ", "2024-03-25 22:15"),
    ],
)
def test_whatsapp_s_dates_in_the_ways_of_phones(head: str, at: str, tmp_path: Path) -> None:
    text = f"{head}Ada: one\nmore of it\n{head}\u202a+49\u00a0170\u2011123\u202c: two\n"
    name = "WhatsApp Chat with Tea.txt" if "[" not in head else "_chat.txt"
    found = Found("whatsapp", written(tmp_path, {name: text}), Options(zone="UTC"))
    assert texts(found) == ["one\nmore of it", "two"]
    assert {f"{one.at:%Y-%m-%d %H:%M}" for one in rows(found)} == {at}
    assert "+49 170-123" in found.people


def test_whatsapp_s_placeholders_captions_and_marks(tmp_path: Path) -> None:
    lines = [
        "04.03.24, 22:15 - Nachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt.",
        "04.03.24, 22:15 - Eve hat die Gruppe „Plan: B“ erstellt.",
        "04.03.24, 22:16 - Ada: <Medien ausgeschlossen>",
        "What a sky",
        "04.03.24, 22:17 - Ada: IMG-1.jpg (Datei angehängt)",
        "04.03.24, 22:18 - Ada: Diese Nachricht wurde gelöscht.",
        "04.03.24, 22:19 - ~ Bob: done <Diese Nachricht wurde bearbeitet.>",
        "04.03.24, 22:20 - Bob: *bold* _it_ ~no~",
    ]
    found = Found("whatsapp", written(tmp_path, {"WhatsApp Chat mit Plan B.txt": "\n".join(lines)}), UTC)
    assert texts(found) == ["What a sky", "", "", "done", "**bold** *it* ~~no~~"]
    assert [one.deleted for one in rows(found)] == [False, False, True, False, False]
    assert [one.files[0].name for one in rows(found)[:2]] == ["", "IMG-1.jpg"]
    assert rows(found)[3].edited is True
    assert [room.title for room in found.rooms.values()] == ["Plan: B"]


def test_whatsapp_s_group_of_ios_whose_name_looks_like_an_author(tmp_path: Path) -> None:
    lines = [
        "\u200e[04.03.24, 22:15:30] Plan: B: \u200eNachrichten und Anrufe sind Ende-zu-Ende-verschlüsselt.",
        "[04.03.24, 22:15:31] Ada: first\nline two\n[04.03.24, 22:15:32] Bob: no message",
        "[04.03.24, 22:15:33] Ada: late: \u200e<Diese Nachricht wurde bearbeitet.>",
        "\u200e[04.03.24, 22:15:37] Plan: B: \u200eAda hat die Gruppe erstellt",
    ]
    found = Found("whatsapp", written(tmp_path, {"_chat.txt": ("\r\n".join(lines) + "\r\n").encode()}), UTC)
    assert texts(found) == ["first\nline two\n[04.03.24, 22:15:32] Bob: no message", "late:"]
    assert ([room.title for room in found.rooms.values()], list(found.people)) == (["Plan: B"], ["Ada"])


def test_irc_s_lines_that_only_look_like_events(tmp_path: Path) -> None:
    znc = (
        b"[10:00:00] <ada> * dave waves\n[10:00:01] <ada> -!- fake join\n[10:00:02] * ada waves\n"
        b"[10:00:03] *** Joins: eve (e@host)\n[10:00:04] <bob> \x02bold\x02 \x0304,01red\x03 caf\xe9\n"
        b"[10:00:05] -bob- psst\n"
    )
    irssi = (
        "--- Log opened Fr M\u00e4r 01 23:58:00 2024\n23:59 <@ada> evening\n--- Day changed Sa M\u00e4r 02 2024\n"
        "00:01 < bob> morning\n00:02  * ada yawns\n00:03 -!- eve [e@h] has joined #dev\n00:04 -bob:#dev- note\n"
    )
    found = Found(
        "irc",
        written(
            tmp_path, {"net/#tea/2024-03-01.log": znc, "net/status/2024-03-01.log": znc, "irclogs/net/#dev.log": irssi}
        ),
        UTC,
    )
    assert [one.text for one in rows(found) if one.room == "#tea"] == [
        *("* dave waves".replace("* ", r"\* "), "-!- fake join", "*waves*", "bold red café", "psst"),
    ]
    dev = [(f"{one.at:%m-%d %H:%M}", one.text) for one in rows(found) if one.room == "#dev"]
    assert dev == [
        ("03-01 23:59", "evening"),
        ("03-02 00:01", "morning"),
        ("03-02 00:02", "*yawns*"),
        ("03-02 00:04", "note"),
    ]


# --- Matrix, Zulip, Teams -----------------------------------------------------------------------------


def test_matrix_s_replies_edits_and_redactions(tmp_path: Path) -> None:
    def event(source: str, second: int, content: dict[str, Any], **more: Any) -> dict[str, Any]:
        facts = {"type": "m.room.message", "event_id": source, "sender": "@ada:x.org", "room_id": "!r:x.org"}
        return {**facts, "origin_server_ts": 1704110400000 + second * 1000, "content": content, "unsigned": {}, **more}

    def text(body: str, **more: Any) -> dict[str, Any]:
        return {"msgtype": "m.text", "body": body, **more}

    to = {"m.in_reply_to": {"event_id": "$1"}}
    html = {"format": "org.matrix.custom.html", "formatted_body": "<mx-reply>old</mx-reply><b>yes</b> &lt;i&gt;"}
    newer = {
        "m.relations": {"m.replace": {"content": {"m.new_content": text("new")}, "origin_server_ts": 1704110500000}}
    }
    sealed = {"m.relations": {"m.replace": {"content": {"algorithm": "m.megolm", "ciphertext": "x"}}}}
    events = [
        event("$2", 2, text("> <@ada:x.org> old\n\nanswer", **{"m.relates_to": to})),
        event("$1", 1, text("first")),
        event(
            "$3",
            3,
            text(
                "* yes",
                **html,
                **{"m.relates_to": {"rel_type": "m.thread", "event_id": "$1", "is_falling_back": True, **to}},
            ),
        ),
        event("$4", 4, text("old"), unsigned=newer),
        event("$5", 5, text("kept"), unsigned=sealed),
        event("$6", 6, {}, unsigned={"redacted_because": {}}),
        event("$7", 7, {"msgtype": "m.emote", "body": "waves"}),
        event("$8", 8, {"membership": "join", "displayname": "Ada L"}, type="m.room.member", state_key="@ada:x.org"),
    ]
    file = {"room_name": "Tea", "room_creator": "Ada", "topic": "", "messages": events}
    found = Found("matrix", written(tmp_path, {"export.json": file}), Options())
    assert texts(found) == ["first", "answer", "**yes** <i>", "new", "kept", "", "*waves*"]
    assert [(one.thread, one.reply_to) for one in rows(found)[1:3]] == [(None, "$1"), ("$1", None)]
    assert [bool(one.edited) for one in rows(found)[3:5]] == [True, True]
    assert rows(found)[5].deleted
    assert found.people["@ada:x.org"].title == "Ada L"


def test_zulip_s_pairs_topics_and_edits(tmp_path: Path) -> None:
    def said(number: int, recipient: int, sender: int, text: str, **more: Any) -> dict[str, Any]:
        facts = {
            "id": number,
            "sender": sender,
            "recipient": recipient,
            "subject": "",
            "date_sent": 1704110400.0 + number,
        }
        return {**facts, "content": text, "last_edit_time": None, "edit_history": None, **more}

    moved = json.dumps([{"prev_topic": "old", "timestamp": 1704110500}])
    changed = json.dumps([{"prev_content": "x", "timestamp": 1704110501}])
    realm = {
        "zerver_userprofile": [
            {"id": 10, "full_name": "Ada L", "delivery_email": "ada@x.org"},
            {"id": 11, "full_name": "Ada L", "delivery_email": "ada2@x.org"},
        ],
        "zerver_userprofile_crossrealm": [{"id": 3, "email": "notification-bot@zulip.com"}],
        "zerver_recipient": [
            {"id": 1, "type": 1, "type_id": 10},
            {"id": 2, "type": 1, "type_id": 11},
            {"id": 5, "type": 2, "type_id": 50},
        ],
        "zerver_stream": [{"id": 50, "name": "tea", "invite_only": False, "recipient": 5}],
        "zerver_subscription": [],
        "zerver_reaction": [
            {
                "message": 3,
                "user_profile": 99,
                "emoji_name": "x",
                "emoji_code": "1f44d",
                "reaction_type": "unicode_emoji",
            }
        ],
    }
    messages = [
        said(1, 2, 10, "to eleven", subject="\x07"),
        said(2, 1, 11, "to ten"),
        said(3, 5, 10, "@**Ada L|11** @_**Ada L|10** @**all** #**tea>x@7** @*team*", subject="✔ done"),
        said(4, 5, 10, "moved", last_edit_time=1704110500.0, edit_history=moved),
        said(5, 5, 3, "changed", last_edit_time=1704110501.0, edit_history=changed),
        said(6, 1, 10, "to myself"),
    ]
    found = Found(
        "zulip",
        written(tmp_path, {"realm.json": realm, "messages-000001.json": {"zerver_message": messages}}),
        Options(),
    )
    by_id = {one.id: one for one in rows(found)}
    assert by_id["1"].room == by_id["2"].room != by_id["6"].room
    assert by_id["3"].text.startswith("@ada2 @ada @all #tea @team")
    assert (by_id["1"].topic, by_id["3"].topic) == ("", "done")
    assert (by_id["4"].edited, bool(by_id["5"].edited)) == (None, True)
    assert by_id["3"].reactions == {"👍": ["99"]}


def test_teams_mentions_in_two_tags_deleted_and_reacted(tmp_path: Path) -> None:
    ada, bob = {"id": "a", "displayName": "Ada Löw"}, {"id": "b", "displayName": None}

    def said(number: int, html: str, **more: Any) -> dict[str, Any]:
        facts = {"id": str(1704110400000 + number), "messageType": "message", "from": {"user": ada}}
        at = f"2024-01-01T12:00:{number:02}.1234567Z"
        where = {"channelIdentity": {"teamId": "t", "channelId": "19:c"}}
        return {**facts, **where, "createdDateTime": at, "body": {"contentType": "html", "content": html}, **more}

    two = [{"id": n, "mentioned": {"user": bob}, "mentionText": "x"} for n in (0, 1)]
    liked = [{"reactionType": "like", "user": {"user": ada}}, {"reactionType": "💡", "user": {"user": bob}}]
    values = [
        said(3, "", messageType="unknownFutureValue"),
        said(2, '<p><at id="0">Bob</at>&nbsp;<at id="1">Stone</at> hi <emoji alt="😀"></emoji></p>', mentions=two),
        said(1, "<p>root &lt;b&gt;</p>", subject="Plan", lastModifiedDateTime="2024-01-01T13:00:00Z", reactions=liked),
        said(4, "<p>re</p>", replyToId=str(1704110400001), lastEditedDateTime="2024-01-01T13:00:00Z"),
        said(5, "", deletedDateTime="2024-01-01T13:00:00Z"),
    ]
    found = Found("teams", written(tmp_path, {"messages.json": {"value": values}}), Options())
    assert texts(found)[0] == "**Plan**\nroot <b>"
    assert texts(found)[1].endswith("hi 😀")
    assert texts(found)[1].count("@") == 1
    assert [bool(one.edited) for one in rows(found)] == [False, False, True, False]
    assert rows(found)[2].thread == rows(found)[0].id
    assert rows(found)[3].deleted
    assert rows(found)[0].reactions == {"👍": ["a"], "💡": ["b"]}
