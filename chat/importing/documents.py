"""Reads JSON of exports in bounded memory; damage loses only the damaged part, not the run."""

import codecs
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from decimal import Decimal
from typing import IO, Any

import ijson
import msgspec

from chat.importing.archives import Archive
from chat.importing.stream import Notes

# Files up to this size are decoded at once, which is ten times as fast as in parts.
WHOLE_MAX = 8 * 1024 * 1024
LINE_MAX = 16 * 1024 * 1024
# Bytes of a line of plain text. A message is cut at 100,000 characters, which are at most 400,000 bytes.
TEXT_LINE_MAX = 1024 * 1024
# Characters of a string in a file that is read in parts; the 100,000 of a message are at most 1.2 million with escapes.
# The parser scans an unfinished string from its beginning for each chunk: the time grows with the square of its length.
STRING_MAX = 4_000_000
_CHUNK = 256 * 1024
_CONTROLS = {code: f"\\u{code:04x}" for code in range(32) if code not in {9, 10, 13}}
# Telegram Desktop writes control characters as \xNN, which is not JSON (tdesktop `SerializeString`).
_HEX_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|.)", re.DOTALL)
# Half of a surrogate pair, as from a cut emoji: ijson turns it into a question mark, or stops with an error.
_SURROGATES = re.compile(
    r"(?<!\\)((?:\\\\)*)(?:(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)
# What may continue in the next chunk: an escape, or the first half of a pair.
_TAIL = re.compile(r"(?:\\+u[dD][89abAB][0-9a-fA-F]{2})?\\+[^\\]{0,4}\Z|\\+u[dD][89abAB][0-9a-fA-F]{2}\Z", re.DOTALL)
DAMAGE = (OSError, EOFError, zipfile.BadZipFile, zlib.error, NotImplementedError)


class _Mended:
    """A JSON stream that repairs what parsers refuse: bytes that are not UTF-8, control characters, `\\xNN`. The part
    of a string beyond STRING_MAX is left out."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._held = ""
        # Whether a string continues, and its length so far in chunks that lie entirely within it.
        self._in_string = False
        self._length = 0

    def read(self, size: int = -1) -> bytes:
        if size == 0:
            return b""
        while True:
            raw = self._raw.read(_CHUNK)
            text = self._held + self._decoder.decode(raw, final=not raw)
            tail = _TAIL.search(text) if raw and "\\" in text else None
            self._held = tail.group() if tail else ""
            if tail:
                text = text[: tail.start()]
            if not raw or (text and not self._too_long(text)):
                return mended(text).encode("utf-8", "replace")

    def _too_long(self, text: str) -> bool:
        """Whether this chunk, which never ends inside an escape, continues a string that is already too long."""
        marks = text.replace("\\\\", "").replace('\\"', "").count('"') if "\\" in text else text.count('"')
        if marks:
            self._in_string ^= marks % 2 == 1
            self._length = 0
        elif self._in_string:
            self._length += len(text)
        return self._length > STRING_MAX


def mended_stream(file: IO[bytes]) -> _Mended:
    """The bytes of a JSON file as parsers accept them."""
    return _Mended(file)


def mended(text: str) -> str:
    """JSON text with `\\xNN` and raw control characters written as JSON requires."""
    if "\\x" in text:
        text = _HEX_ESCAPE.sub(lambda found: f"\\u00{found[1]}" if found[1] else found[0], text)
    if "\\ud" in text or "\\uD" in text:
        text = _SURROGATES.sub(lambda found: found[0] if found[2] else f"{found[1]}\\ufffd", text)
    return text.translate(_CONTROLS)


def decoded(data: bytes) -> Any:
    """One JSON value.

    Raises:
        ValueError: it is not JSON.
    """
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        text = data.decode("utf-8-sig", "replace")
    try:
        return json.loads(mended(text), strict=False)
    except RecursionError:
        raise ValueError("is nested too deep") from None


def document(archive: Archive, name: str) -> Any:
    """The value of a whole file, which must be small; None when it is missing or damaged."""
    if name not in archive:
        return None
    if archive.size(name) > 8 * WHOLE_MAX:
        archive.notes.lose("file", f"is larger than {8 * WHOLE_MAX} bytes", name)
        return None
    try:
        with archive.open(name) as file:
            return decoded(file.read())
    except DAMAGE as error:
        archive.notes.lose("file", f"is damaged in the archive: {error}", name)
    except ValueError as error:
        archive.notes.lose("file", f"is no JSON: {error}", name)
    return None


def items(archive: Archive, name: str, path: str = "") -> Iterator[tuple[dict[str, Any], str]]:
    """The objects of the list at `path` of a file ("": the file is a list), each with its place.

    A file that is cut off ends after the last whole object, with a note.
    """
    if name not in archive:
        return
    number = 0
    for number, item in enumerate(_values(archive, name, path), start=1):
        if isinstance(item, dict):
            yield item, f"{name}: {number}"
        else:
            archive.notes.lose("entry", "is no object", f"{name}: {number}")


def _values(archive: Archive, name: str, path: str) -> Iterator[Any]:
    if archive.size(name) <= WHOLE_MAX:
        try:
            with archive.open(name) as file:
                value = decoded(file.read())
        except DAMAGE as error:
            archive.notes.lose("file", f"is damaged in the archive: {error}", name)
            return
        except ValueError:
            # Read in parts: the objects before the damage are kept.
            yield from _parts(archive, name, path)
            return
        for key in path.split(".") if path else ():
            value = value.get(key) if isinstance(value, dict) else None
        if isinstance(value, list):
            yield from value
        elif value is not None:
            archive.notes.lose("file", "holds no list where one is expected", name)
        return
    yield from _parts(archive, name, path)


def _parts(archive: Archive, name: str, path: str) -> Iterator[Any]:
    try:
        with archive.open(name) as file:
            # Not `use_float`: with it, the parser in C refuses integers above 2^63.
            for item in ijson.items(_Mended(file), f"{path}.item" if path else "item"):
                yield with_floats(item)
    except ijson.JSONError as error:
        reason = str(error).partition("\n")[0][:100].strip()
        archive.notes.lose("file", f"ends or breaks in the middle: {reason}", name)
    except DAMAGE as error:
        archive.notes.lose("file", f"is damaged in the archive: {error}", name)


def with_floats(item: Any) -> Any:
    """The item with its decimals as floats. Without recursion: it may be deeply nested."""
    if not isinstance(item, dict | list):
        return float(item) if isinstance(item, Decimal) else item
    left: list[Any] = [item]
    while left:
        holder = left.pop()
        for key, value in holder.items() if isinstance(holder, dict) else enumerate(holder):
            if isinstance(value, Decimal):
                holder[key] = float(value)
            elif isinstance(value, dict | list):
                left.append(value)
    return item


def facts(archive: Archive, name: str, *keys: str, until: str = "") -> dict[str, Any]:
    """Plain values near the top of a file that may be large: those before the key `until`, at any depth."""
    found: dict[str, Any] = {}
    try:
        with archive.open(name) as file:
            for prefix, event, value in ijson.parse(_Mended(file)):
                if prefix in keys and event in {"string", "number", "boolean", "null"}:
                    found[prefix] = with_floats(value)
                    if len(found) == len(keys):
                        break
                elif until and prefix == until:
                    break
    except (ijson.JSONError, *DAMAGE):
        pass
    return found


def lines(archive: Archive, name: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The objects of a file with one in each line, each with its place. A bad line is noted and left out."""
    number = 0
    try:
        with archive.open(name) as file:
            while line := file.readline(LINE_MAX + 1):
                number += 1
                place = f"{name}: line {number}"
                if len(line) > LINE_MAX:
                    while line and not line.endswith(b"\n"):
                        line = file.readline(LINE_MAX)
                    archive.notes.lose("line", f"is longer than {LINE_MAX} bytes", place)
                elif line.strip():
                    yield from _line(line, place, archive.notes)
    except DAMAGE as error:
        archive.notes.lose("file", f"is damaged in the archive: {error}", f"{name}: line {number}")


def text_lines(file: IO[bytes]) -> Iterator[bytes]:
    """The lines of a text with their line ends; a line longer than TEXT_LINE_MAX bytes is cut."""
    while line := file.readline(TEXT_LINE_MAX):
        rest = line
        while rest and not rest.endswith(b"\n"):
            rest = file.readline(TEXT_LINE_MAX)
            if rest.endswith(b"\n"):
                line += b"\r\n" if rest.endswith(b"\r\n") else b"\n"
        yield line


def _line(line: bytes, place: str, notes: Notes) -> Iterator[tuple[dict[str, Any], str]]:
    try:
        value = decoded(line)
    except ValueError as error:
        notes.lose("line", f"is no JSON: {str(error)[:80]}", place)
        return
    if isinstance(value, dict):
        yield value, place
    else:
        notes.lose("line", "is no object", place)
