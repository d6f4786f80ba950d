"""WhatsApp texts as phones write them in other languages and in other years."""

from pathlib import Path

import pytest

from chat.importing.stream import Message, Options
from tests.importing.samples import Found
from tests.importing.test_quirks import texts, written

LRM, RLM, NNBSP, NBSP = "\u200e", "\u200f", "\u202f", "\u00a0"


def chat(folder: Path, text: str, name: str = "_chat.txt", *, day_first: bool | None = None) -> Found:
    return Found("whatsapp", written(folder, {name: text.encode()}), Options(zone="UTC", day_first=day_first))


def rows(found: Found) -> list[Message]:
    return list(found.messages.values())


@pytest.mark.parametrize(
    "head",
    [
        f"25/3/24, 10:15{NNBSP}p.{NBSP}m. - ",
        f"28/3/2025, 9:29{NBSP}p. m. - ",
        "2024-03-25, 10:15 p.m. - ",
        "2024. 03. 25. 22:15 - ",
        "25. 3. 2024. 22:15 - ",
        "25.03.24, 22:15 ч. - ",
        "2024/3/25 下午10:15 - ",
        "2024. 3. 25. 오후 10:15 - ",
        "2024/03/25 22:15 - ",
        "25/3/2567 22:15 - ",
        "25.03.2024 klo 22.15 - ",
        "25/03/2024 à 22:15 - ",
        f"{RLM}25{RLM}/3{RLM}/2024، 10:15{NNBSP}م - ",
        f"[25{RLM}/3{RLM}/2024، 10:15:30 م] ",
        "[2024/3/25 下午10:15:30] ",
        "[25.03.2024 22.15.30] ",
        "3/25/24, 10:15:30 PM: ",
        "25/3/14, 22:15:30: ",
        f"{LRM}[25.03.24, 22:15:30] ",
    ],
)
def test_the_head_of_a_message(head: str, tmp_path: Path) -> None:
    found = chat(tmp_path, f"{head}Ada: one\n{head}Bob: two\nmore\n")
    assert texts(found) == ["one", "two\nmore"]
    assert [one.author for one in rows(found)] == ["Ada", "Bob"]
    assert {one.at.strftime("%m-%d %H:%M") for one in rows(found) if one.at} <= {"03-25 22:15", "03-28 21:29"}
    assert {one.at.year for one in rows(found) if one.at} <= {2014, 2024, 2025}


@pytest.mark.parametrize(("half", "hour"), [("上午", 0), ("凌晨", 0), ("中午", 12), ("晚上", 12)])
def test_halves_of_the_day_may_change_from_line_to_line(half: str, hour: int, tmp_path: Path) -> None:
    text = f"2024/3/25 下午1:15 - Ada: one\n2024/3/26 {half}12:15 - Bob: two\n"
    assert [one.at.hour for one in rows(chat(tmp_path, text)) if one.at] == [13, hour]


def test_lines_of_a_text_that_are_no_heads_of_this_phone_go_on(tmp_path: Path) -> None:
    text = (
        "04.03.24, 22:15 - Ada: the plan:\n05.03.24, 10:00: meet\n05.03.24 um 11:00 - eat\n"
        "[04.03.24, 22:15:30] Bob: x\n"
    )
    assert len(rows(chat(tmp_path, text, "WhatsApp Chat mit Bob.txt"))) == 1


def test_a_pasted_line_end_of_windows_does_not_join_the_messages_of_android(tmp_path: Path) -> None:
    text = "04.03.24, 22:15 - Ada: pasted\r\nfrom Windows\n04.03.24, 22:16 - Bob: yes\n04.03.24, 22:17 - Ada: fine\n"
    assert texts(chat(tmp_path, text, "WhatsApp Chat mit Bob.txt")) == ["pasted\nfrom Windows", "yes", "fine"]


def test_a_line_of_ios_that_looks_like_a_beginning_breaks_no_message(tmp_path: Path) -> None:
    text = (
        "[04.03.24, 22:15:00] Ada: first\r\n"
        "[04.03.24, 22:16:00] Bob: quoted:\n[04.03.24, 22:15:00] Ada: first\nend\r\n"
        "[04.03.24, 22:17:00] Ada: last\r\n"
    )
    assert texts(chat(tmp_path, text)) == ["first", "quoted:\n[04.03.24, 22:15:00] Ada: first\nend", "last"]


def test_documents_and_captions_of_ios(tmp_path: Path) -> None:
    text = (
        f"{LRM}[04.03.24, 22:15:00] Ada: Invoice.pdf • {LRM}2 pages {LRM}document omitted\r\n"
        f"{LRM}[04.03.24, 22:16:00] Ada: plan.pdf • {LRM}3 pages {LRM}<attached: 00000012-plan.pdf>\r\n"
        f"[04.03.24, 22:17:00] Bob: a view {LRM}<attached: 00000013-PHOTO.jpg>\r\n"
        f"{LRM}[04.03.24, 22:18:00] Bob: {LRM}GIF omitted\r\n"
        "[04.03.24, 22:19:00] Bob: I write <attached: not.jpg> myself\r\n"
    )
    found = chat(tmp_path, text)
    files = [[(file.name, file.state) for file in one.files] for one in rows(found)]
    assert files == [
        [("Invoice.pdf", "missing")],
        [("00000012-plan.pdf", "missing")],
        [("00000013-PHOTO.jpg", "missing")],
        [("", "omitted")],
        [],
    ]
    assert texts(found) == ["", "", "a view", "", "I write <attached: not.jpg> myself"]


@pytest.mark.parametrize(
    "words",
    [
        "You deleted this message.",
        "Eliminaste este mensaje.",
        "Este mensaje fue eliminado",
        "Данное сообщение удалено",
        "This message was deleted by admin Ada.",
        "Diese Nachricht wurde von Admin Ada gelöscht.",
        "このメッセージは削除されました",
    ],
)
def test_a_deleted_message_keeps_its_place(words: str, tmp_path: Path) -> None:
    [first, second] = rows(
        chat(tmp_path, f"[04.03.24, 22:15:00] Ada: hi\r\n[04.03.24, 22:16:00] Bob: {LRM}{words}\r\n")
    )
    assert (first.deleted, second.deleted, second.text, second.author) == (False, True, "", "Bob")


@pytest.mark.parametrize("mark", ["<Se editó este mensaje.>", "<Mensagem editada>", f"{LRM}<anything at all>"])
def test_an_edited_message_is_marked(mark: str, tmp_path: Path) -> None:
    [one] = rows(chat(tmp_path, f"04.03.24, 22:15 - Ada: right {mark}\n", "WhatsApp Chat mit Bob.txt"))
    assert (one.text, one.edited) == ("right", True)


def test_ios_lets_the_phone_speak_under_the_names_of_people(tmp_path: Path) -> None:
    text = (
        "[04.03.24, 22:14:00] Ada: Messages and calls are end-to-end encrypted. Only people here read them.\r\n"
        f"[04.03.24, 22:15:00] Ada: {LRM}Ada added Bob\r\n"
        f"[04.03.24, 22:15:30] Ada: {LRM}Your security code with Ada changed. Tap to learn more.\r\n"
        f"[04.03.24, 22:16:00] Ada: hello\r\n"
        f"[04.03.24, 22:17:00] Ada: {LRM}Missed voice call\r\n"
        "[04.03.24, 22:18:00] Bob: Is it end-to-end encrypted?\r\n"
    )
    assert texts(chat(tmp_path, text)) == ["hello", "Missed voice call", "Is it end-to-end encrypted?"]


def test_a_line_of_the_phone_with_a_colon_is_of_no_one_on_android(tmp_path: Path) -> None:
    text = (
        "04.03.24, 22:14 - Messages and calls are end-to-end encrypted. Learn more: https://www.whatsapp.com/security\n"
        "04.03.24, 22:15 - Ada created group “Plan: B”\n"
        "04.03.24, 22:16 - Ada: hello: you\n"
    )
    found = chat(tmp_path, text, "WhatsApp Chat with Plan_ B.txt")
    assert (texts(found), list(found.people)) == (["hello: you"], ["Ada"])
    assert next(iter(found.rooms.values())).title == "Plan: B"


def test_an_archive_of_ios_is_called_by_its_chat(tmp_path: Path) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "WhatsApp Chat - Tea round.zip", "w") as out:
        out.writestr("_chat.txt", "".join(f"[04.03.24, 22:1{n}:00] {who}: hi\r\n" for n, who in enumerate("ABC")))
    from chat.importing.archives import opened
    from chat.importing.formats import reader
    from chat.importing.stream import Notes, Room

    with opened(tmp_path / "WhatsApp Chat - Tea round.zip", Notes()) as archive:
        archive.label = "WhatsApp Chat - Tea round"
        elements = list(reader("whatsapp")(archive, Options(zone="UTC")))
    assert next(one.title for one in elements if isinstance(one, Room)) == "Tea round"


def test_names_that_were_strangers_and_numbers_are_tidy(tmp_path: Path) -> None:
    text = (
        f"[04.03.24, 22:15:00] ~{NNBSP}Zoe: hi\r\n"
        f"[04.03.24, 22:16:00] \u202a+49{NBSP}170{NBSP}000\u20110001\u202c: hello\r\n"
    )
    assert [one.title for one in chat(tmp_path, text).people.values()] == ["Zoe", "+49 170 000-0001"]


def test_a_text_of_50_mb_is_cut_and_the_next_message_read(tmp_path: Path) -> None:
    text = "04.03.24, 22:15 - Ada: " + "x*" * 25_000_000 + "\n04.03.24, 22:16 - Bob: after\n"
    first, second = texts(chat(tmp_path, text, "WhatsApp Chat mit Bob.txt"))
    assert (100_000 < len(first) <= 1_100_000, second) == (True, "after")
