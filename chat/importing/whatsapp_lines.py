"""The lines of a WhatsApp text: the beginnings of messages, and placeholders for media and deleted messages.

The text is in the phone's language. Placeholders are recognised by their shape, and by words of the languages below.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chat.importing.words import one_line

_SPACE = "[ \u00a0\u2007\u2009\u202f]"
_MARKS = "[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
_INVISIBLE = re.compile(_MARKS)
# All parts of a date may have direction marks between them, as in Arabic and Hebrew.
_BEGIN = re.compile(
    rf"{_MARKS}*(?P<bracket>\[?){_MARKS}*"
    rf"(?P<a>\d{{1,4}}){_MARKS}*(?P<sep>[./-]){_SPACE}?{_MARKS}*(?P<b>\d{{1,2}}){_MARKS}*(?P=sep)"
    rf"{_SPACE}?{_MARKS}*(?P<c>\d{{1,4}})\.?{_MARKS}*(?P<comma>[,،]?){_SPACE}?{_MARKS}*"
    # A word for "at", or for the half of the day: `klo`, `um`, `à`, `下午`.
    rf"(?:(?P<word>[^\W\d_]{{1,4}}\.?(?:{_SPACE}?[^\W\d_]\.)?){_SPACE}?)?"
    rf"(?P<hour>\d{{1,2}})[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d))?"
    rf"(?:{_SPACE}?{_MARKS}*(?P<half>[aApP]\.?{_SPACE}?[mM]\.?|[πμ]\.?{_SPACE}?μ\.?|[صم]|ч\.))?{_MARKS}*"
    # iOS versions of 2014 have no brackets, and a colon after the time.
    rf"(?P<close>\]?){_MARKS}*(?P<end>{_SPACE}[-\u2013]{_SPACE}|:?{_SPACE})(?P<rest>.*)\Z",
    re.DOTALL,
)
_AFTERNOON = {"下午", "午後", "오후", "中午", "晚上", "ös", "pm", "p.m.", "p. m.", "م"}
_MORNING = {"上午", "午前", "오전", "凌晨", "早上", "清晨", "öö", "am", "a.m.", "a. m.", "ص"}
_NAMED = re.compile(r"(?P<name>[^\n:]{1,100}|[^\n:]{0,60}):" + _SPACE + r"?(?P<text>.*)\Z", re.DOTALL)
# No name contains quotation marks, but sentences about a group's name do, and may contain ": ".
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
    *("this message was deleted", "you deleted this message"),
    *("diese nachricht wurde gelöscht", "du hast diese nachricht gelöscht"),
    *("se eliminó este mensaje", "este mensaje fue eliminado", "eliminaste este mensaje"),
    *("ce message a été supprimé", "vous avez supprimé ce message", "tu as supprimé ce message"),
    *("questo messaggio è stato eliminato", "hai eliminato questo messaggio"),
    *("mensagem apagada", "essa mensagem foi apagada", "esta mensagem foi apagada", "você apagou esta mensagem"),
    *("você apagou essa mensagem", "apagou esta mensagem", "eliminou esta mensagem", "esta mensagem foi eliminada"),
    *("dit bericht is verwijderd", "je hebt dit bericht verwijderd", "u heeft dit bericht verwijderd"),
    *("ta wiadomość została usunięta", "usunięto tę wiadomość"),
    *("это сообщение удалено", "данное сообщение удалено", "вы удалили данное сообщение", "вы удалили это сообщение"),
    *("це повідомлення видалено", "ви видалили це повідомлення"),
    *("bu mesaj silindi", "bu mesajı sildiniz"),
    *("det här meddelandet raderades", "du raderade det här meddelandet"),
    *("denne besked blev slettet", "du slettede denne besked"),
    *("denne meldingen ble slettet", "du slettet denne meldingen"),
    *("tämä viesti poistettiin", "poistit tämän viestin"),
    *("pesan ini telah dihapus", "anda telah menghapus pesan ini"),
    *("تم حذف هذه الرسالة", "הודעה זו נמחקה", "このメッセージは削除されました", "삭제된 메시지입니다"),
    *("此消息已删除", "此訊息已刪除", "你已删除这条消息"),
}
_DELETED_BY = re.compile(
    r"this message was deleted by admin .+|diese nachricht wurde von (?:admin|admin:in) .+ gelöscht|"
    r"(?:el )?admin\. .+ eliminó este mensaje|ce message a été supprimé par l[’']admin(?:istrateur)? .+"
)
_FOREIGN = re.compile(
    r"Ende-zu-Ende|extremo a extremo|bout en bout|crittografi|ponta a ponta|eind-tot-eind|end-to-end-versleuteld|"
    r"od końca|сквозн|uçtan uca|Medien ausgeschlossen|weggelassen|Multimedia omitido|Médias? omis|Media omessi|"
    r"Mídia oculta|Media weggelaten|Datei angehängt|archivo adjunto|fichier joint|Gruppe erstellt|Gruppennamen|"
    r"creó el grupo|a créé le groupe|ha creato il gruppo|criou o grupo",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"end-to-end|Ende-zu-Ende|extremo a extremo|bout en bout|crittografi|ponta a ponta|eind-tot-eind|сквозн|"
    r"security code|Sicherheitsnummer|código de seguridad|code de sécurité|codice di sicurezza|código de segurança|"
    r"beveiligingscode|kod zabezpieczeń|код безопасности|güvenlik kodu",
    re.IGNORECASE,
)
_EDITED = re.compile(
    r"[ \n]?\u200e<[^<>\n]+>\s*\Z|[ \n]<(?:This message was edited|Diese Nachricht wurde bearbeitet|"
    r"Se editó este mensaje|Ce message a été modifié|Questo messaggio è stato modificato|Mensagem editada|"
    r"Esta mensagem foi editada|Dit bericht is bewerkt|Wiadomość została zmieniona|Сообщение изменено|"
    r"Bu mesaj düzenlendi)\.?>\s*\Z"
)
_IOS_FILE = re.compile(r"\u200e?<[^<>:\n]+:" + _SPACE + r"?([^<>\n/\\]+\.\w{1,8})>[ ]*(?:\n|\Z)")
# After other text: a caption or the page count of a document comes first.
_IOS_FILE_BEHIND = re.compile(r"[ \n]?\u200e<[^<>:\n]+:" + _SPACE + r"?([^<>\n/\\]+\.\w{1,8})>[ ]*(?=\n|\Z)")
_IOS_PAGES = re.compile(r"\A\u200e?([^\n\u200e]+\.\w{1,8}) • \u200e[^\n\u200e<>]*")
_ANDROID_FILE = re.compile(r"\u200e?([^\n/\\<>]+\.\w{1,8}) \(([^()\n]+)\)[ ]*(?:\n|\Z)")
_ANDROID_NONE = re.compile(r"\u200e?<([^<>\n]+)>[ ]*(?:\n|\Z)")
_IOS_NONE = re.compile(r"\u200e([^\n\u200e<>]+?)[ ]*(?:\n|\Z)")


@dataclass(frozen=True, slots=True)
class Beginning:
    """The head of a message. `author` is None if the line has none: the phone wrote it."""

    bracket: bool
    separator: str
    shape: tuple[bool, str, bool, bool, str, str]
    numbers: tuple[int, int, int]
    clock: tuple[int, int, int]
    author: str | None
    text: str

    def local(self, day_first: bool) -> datetime | None:
        """The local time, or None when there is no such day."""
        a, b, c = self.numbers
        year, month, day = (a, b, c) if a > 31 else (c, b, a) if day_first else (c, a, b)
        if year > 2400:
            # A year of the Buddhist calendar, on Thai phones.
            year -= 543
        try:
            return datetime(year if year > 99 else 2000 + year, month, day, *self.clock)
        except ValueError:
            return None


def beginning(line: str, like: Beginning | None) -> Beginning | None:
    """The head of a message, if the line begins one; it must have the same shape as `like`, if given."""
    found = _BEGIN.match(line)
    if not found or bool(found["bracket"]) != bool(found["close"]):
        return None
    word = (found["word"] or "").lower()
    half = found["half"] or (word if word in _AFTERNOON | _MORNING else None)
    half, bracket = None if half == "ч." else half, bool(found["bracket"])
    at_word = "" if half == word else word
    shape = (bracket, found["sep"], found["second"] is not None, half is not None, at_word, found["end"].strip())
    if like is not None and shape != like.shape:
        return None
    hour, minute = int(found["hour"]), int(found["minute"])
    if half:
        hour = hour % 12 + (12 if half in _AFTERNOON or half[0] in "pPμم" else 0)
    if hour > 23 or minute > 59:
        return None
    rest = found["rest"]
    named = _NAMED.match(rest)
    spoken = named and not _NO_NAME.search(named["name"]) and not is_notice(named["name"])
    author = person_name(named["name"]) if named and spoken else None
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
    """A name without direction marks, with plain hyphens in numbers, and without a stranger's `~ `."""
    name = one_line(_INVISIBLE.sub("", text).replace("\u2011", "-"), 100)
    return name.removeprefix("~").strip()


def media(text: str) -> tuple[str, str] | None:
    """The file's name ("" when it was left out) and the caption, when the text begins with a placeholder."""
    if pages := _IOS_PAGES.match(text):
        # `report.pdf • 3 pages`, then the placeholder for the file.
        rest = media(text[pages.end() :].lstrip(" "))
        return None if rest is None else (rest[0] or pages[1].strip(), rest[1])
    if found := _IOS_FILE.match(text):
        return found[1].strip(), text[found.end() :]
    if (found := _ANDROID_FILE.match(text)) and (_ATTACHED.search(found[2]) or text.startswith("\u200e")):
        return found[1].strip(), text[found.end() :]
    if (found := _ANDROID_NONE.match(text)) and _OMITTED.search(found[1]):
        return "", text[found.end() :]
    if (found := _IOS_NONE.match(text)) and _OMITTED.search(found[1]):
        return "", text[found.end() :]
    if found := _IOS_FILE_BEHIND.search(text):
        return found[1].strip(), text[: found.start()] + text[found.end() :]
    return None


def deleted(text: str) -> Literal[True] | None:
    """True for the placeholder of a deleted message."""
    plain = _INVISIBLE.sub("", text).strip().rstrip(".").lower()
    return True if plain in _DELETED or _DELETED_BY.fullmatch(plain) else None


def edited(text: str) -> tuple[str, Literal[True] | None]:
    """The text without its edit mark at the end, and whether it had one."""
    if media(text):
        return text, None
    found = _EDITED.search(text)
    return (text[: found.start()], True) if found else (text, None)


def is_foreign(text: str) -> bool:
    """Whether the phone's own text is in a language that writes the day first; English uses both orders."""
    return bool(_FOREIGN.search(text))


def is_notice(text: str) -> bool:
    """Whether this is the phone's own text, which iOS puts under the contact's name."""
    return bool(_NOTICE.search(text))
