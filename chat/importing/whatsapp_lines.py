"""The lines of a WhatsApp text: how a message begins, and what stands for media and deleted messages.

The text is in the language of the phone. Placeholders are known by their shape, and by words of the languages below.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chat.importing.words import one_line

_SPACE = "[ \u00a0\u2007\u2009\u202f]"
_INVISIBLE = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_BEGIN = re.compile(
    r"[\u200e\u200f\u202a-\u202e\ufeff]*(?P<bracket>\[?)"
    r"(?P<a>\d{1,4})(?P<sep>[./-])"
    + _SPACE
    + r"?(?P<b>\d{1,2})(?P=sep)"
    + _SPACE
    + r"?(?P<c>\d{1,4})\.?[\u200e\u200f]*"
    r"(?P<comma>[,،]?)" + _SPACE + r"(?:klo |um |à |kl\. ?)?"
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d))?"
    r"(?:" + _SPACE + r"?(?P<half>[aApP]\.?" + _SPACE + r"?[mM]\.?|[صم]))?[\u200e\u200f]*"
    r"(?P<close>\]?)(?:" + _SPACE + r"[-\u2013]" + _SPACE + r"|" + _SPACE + r")(?P<rest>.*)\Z",
    re.DOTALL,
)
_NAMED = re.compile(r"(?P<name>[^\n:]{1,100}|[^\n:]{0,60}):" + _SPACE + r"?(?P<text>.*)\Z", re.DOTALL)
# A quote sign is in no name, but in sentences about a group's name, which may hold ": ".
_NO_NAME = re.compile('["“”„«»]')

_OMITTED = re.compile(
    r"omitted|weggelassen|ausgeschlossen|omitid[oa]|omis|omess[oai]|weggelaten|pominięt|utelämnad|udeladt|utelatt|"
    r"пропущен|без медиафайлов|dahil edilmedi|省略|생략|تم استبعاد|multimedia|ocult",
    re.IGNORECASE,
)
_ATTACHED = re.compile(
    r"file attached|datei angehängt|archivo adjunto|fichier joint|file allegato|arquivo anexado|ficheiro anexado|"
    r"bestand bijgevoegd|plik załączony|файл добавлен|dosya ekli",
    re.IGNORECASE,
)
_DELETED = {
    "this message was deleted",
    "you deleted this message",
    "diese nachricht wurde gelöscht",
    "du hast diese nachricht gelöscht",
    "se eliminó este mensaje",
    "eliminaste este mensaje",
    "ce message a été supprimé",
    "vous avez supprimé ce message",
    "questo messaggio è stato eliminato",
    "hai eliminato questo messaggio",
    "mensagem apagada",
    "essa mensagem foi apagada",
    "esta mensagem foi apagada",
    "você apagou esta mensagem",
    "dit bericht is verwijderd",
    "je hebt dit bericht verwijderd",
    "u heeft dit bericht verwijderd",
    "ta wiadomość została usunięta",
    "это сообщение удалено",
    "данное сообщение удалено",
    "bu mesaj silindi",
}
_FOREIGN = re.compile(
    r"Ende-zu-Ende|extremo a extremo|bout en bout|crittografi|ponta a ponta|eind-tot-eind|end-to-end-versleuteld|"
    r"od końca|сквозн|uçtan uca|Medien ausgeschlossen|weggelassen|Multimedia omitido|Médias? omis|Media omessi|"
    r"Mídia oculta|Media weggelaten|Datei angehängt|archivo adjunto|fichier joint|Gruppe erstellt|Gruppennamen|"
    r"creó el grupo|a créé le groupe|ha creato il gruppo|criou o grupo",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"end-to-end|Ende-zu-Ende|extremo a extremo|bout en bout|crittografi|ponta a ponta|eind-tot-eind|сквозн",
    re.IGNORECASE,
)
_EDITED = re.compile(
    r"[ \n]?\u200e<[^<>\n]+>\s*\Z|[ \n]<(?:This message was edited|Diese Nachricht wurde bearbeitet)\.?>\s*\Z"
)
_IOS_FILE = re.compile(r"\u200e?<[^<>:\n]+:" + _SPACE + r"?([^<>\n/\\]+\.\w{1,8})>[ ]*(?:\n|\Z)")
_ANDROID_FILE = re.compile(r"\u200e?([^\n/\\<>]+\.\w{1,8}) \(([^()\n]+)\)[ ]*(?:\n|\Z)")
_ANDROID_NONE = re.compile(r"\u200e?<([^<>\n]+)>[ ]*(?:\n|\Z)")
_IOS_NONE = re.compile(r"\u200e([^\n\u200e<>]+?)[ ]*(?:\n|\Z)")


@dataclass(frozen=True, slots=True)
class Beginning:
    """The head of a message. `author` is None where the line has none: the phone speaks."""

    bracket: bool
    separator: str
    shape: tuple[bool, str, bool, bool]
    numbers: tuple[int, int, int]
    clock: tuple[int, int, int]
    author: str | None
    text: str

    def local(self, day_first: bool) -> datetime | None:
        """The local time, or None when there is no such day."""
        a, b, c = self.numbers
        year, month, day = (a, b, c) if a > 31 else (c, b, a) if day_first else (c, a, b)
        try:
            return datetime(year if year > 99 else 2000 + year, month, day, *self.clock)
        except ValueError:
            return None


def beginning(line: str, like: Beginning | None) -> Beginning | None:
    """The head of a message, when the line begins one: in the shape of the file's first, if there is one."""
    found = _BEGIN.match(line)
    if not found or bool(found["bracket"]) != bool(found["close"]):
        return None
    half, bracket = found["half"], bool(found["bracket"])
    shape = (bracket, found["sep"], found["second"] is not None, half is not None)
    if like is not None and shape != like.shape:
        return None
    hour, minute = int(found["hour"]), int(found["minute"])
    if half:
        hour = hour % 12 + (12 if half[0] in "pPم" else 0)
    if hour > 23 or minute > 59:
        return None
    rest = found["rest"]
    named = _NAMED.match(rest)
    author = person_name(named["name"]) if named and not _NO_NAME.search(named["name"]) else None
    return Beginning(
        bracket,
        found["sep"],
        shape,
        (int(found["a"]), int(found["b"]), int(found["c"])),
        (hour, minute, min(int(found["second"] or 0), 59)),
        author or None,
        named["text"] if named and author else rest,
    )


def person_name(text: str) -> str:
    """A name without marks of direction; hyphens of numbers are plain ones, a stranger's `~ ` goes."""
    name = one_line(_INVISIBLE.sub("", text).replace("\u2011", "-"), 100)
    return name.removeprefix("~").strip()


def media(text: str) -> tuple[str, str] | None:
    """The file's name ("" when it was left out) and the caption, when the text begins with a placeholder."""
    if found := _IOS_FILE.match(text):
        return found[1].strip(), text[found.end() :]
    if (found := _ANDROID_FILE.match(text)) and (_ATTACHED.search(found[2]) or text.startswith("\u200e")):
        return found[1].strip(), text[found.end() :]
    if (found := _ANDROID_NONE.match(text)) and _OMITTED.search(found[1]):
        return "", text[found.end() :]
    if (found := _IOS_NONE.match(text)) and _OMITTED.search(found[1]):
        return "", text[found.end() :]
    return None


def deleted(text: str) -> Literal[True] | None:
    """True for the placeholder of a deleted message."""
    plain = _INVISIBLE.sub("", text).strip().rstrip(".").lower()
    return True if plain in _DELETED else None


def edited(text: str) -> tuple[str, Literal[True] | None]:
    """The text without the mark of an edit behind it, and whether it had one."""
    if media(text):
        return text, None
    found = _EDITED.search(text)
    return (text[: found.start()], True) if found else (text, None)


def is_foreign(text: str) -> bool:
    """Whether a line of the phone is in a language that writes the day first; English is written both ways."""
    return bool(_FOREIGN.search(text))


def is_notice(text: str) -> bool:
    """Whether the phone speaks under the contact's name, as iOS writes it."""
    return bool(_NOTICE.search(text))
