"""The media type of a file, found in its bytes. Neither its name nor what the client says is looked at.

A table of our own: of three libraries tried on `tests/media/kinds`, each takes one kind for another (a text that begins
with GIF89a for a picture, HEIC for a video, SVG for HTML or for nothing).
"""

import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

# Bytes that are looked at. A comment or a licence may stand before the root element of an SVG.
HEAD_BYTES = 4096
UNKNOWN = "application/octet-stream"
ZIP = "application/zip"
TEXT = "text/plain"
HTML = "text/html"
SVG = "image/svg+xml"

# Names of Pillow's formats, by the type that it must be.
PICTURES = {
    "image/jpeg": ("JPEG", "MPO"),
    "image/png": ("PNG",),
    "image/gif": ("GIF",),
    "image/webp": ("WEBP",),
    "image/avif": ("AVIF",),
    "image/heic": ("HEIF",),
}
# What a browser plays, once it is written into a new container: type -> format of FFmpeg.
RECORDINGS = {
    "video/mp4": "mp4",
    "audio/mp4": "ipod",
    "video/quicktime": "mp4",
    "video/webm": "webm",
    "audio/webm": "webm",
    "audio/ogg": "ogg",
    "video/ogg": "ogg",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/flac": "flac",
}

# The reader of FFmpeg for each. It would choose one by itself, among them those of playlists, whose entries are other
# files of this machine or addresses of its network.
READERS = {
    "mp4": "mov",
    "quicktime": "mov",
    "webm": "matroska",
    "ogg": "ogg",
    "mpeg": "mp3",
    "wav": "wav",
    "flac": "flac",
}

_BEGINNINGS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"OggS", "audio/ogg"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", ZIP),
    (b"PK\x05\x06", ZIP),
    (b"\x1f\x8b", "application/gzip"),
    (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
)
# Major and compatible brands of ISO base media files (mp4ra.org), in the order that they decide in.
_BRANDS = (
    ({b"avif", b"avis"}, "image/avif"),
    ({b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis"}, "image/heic"),
    ({b"qt  "}, "video/quicktime"),
    ({b"M4A ", b"M4B "}, "audio/mp4"),
)
_VIDEOS = {b"isom", b"iso2", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V "}
_OFFICE = {
    "word/": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xl/": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ppt/": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
# An entry `mimetype` says what the others are (OpenDocument 1.3, part 2, 3.3; EPUB 3.3).
_OPEN = re.compile(r"application/(vnd\.oasis\.opendocument\.[a-z-]+|epub\+zip)", re.ASCII)
_MPEG_AUDIO = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb]")
_ROOT = re.compile(
    rb"<(?:[A-Za-z0-9]+:)?(svg|html|head|body|script|iframe|title)\b|<!doctype\s+(svg|html)", re.IGNORECASE
)


def kind_of(path: Path) -> str:
    """The media type of the file; `UNKNOWN` for bytes that nothing here knows."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        found = _by_head(head)
        if found == ZIP:
            return _of_zip(file)
    return found


def kind_of_unopened(path: Path) -> str | None:
    """The media type of a file that nothing here opens, not even to tell its type; None for all others."""
    with path.open("rb") as file:
        found = _by_head(file.read(HEAD_BYTES))
    return None if found in PICTURES or found in RECORDINGS or found == ZIP else found


def _by_head(head: bytes) -> str:
    # Before the beginnings: a text may begin as a picture does.
    if text := _as_text(head):
        return _of_text(text)
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            return kind
    if head[4:8] == b"ftyp":
        return _of_brands(head)
    if head[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(head[8:12], UNKNOWN)
    return "audio/mpeg" if _MPEG_AUDIO.match(head) else UNKNOWN


def _as_text(head: bytes) -> bytes:
    """The head, if it is text in UTF-8 or UTF-16; without a byte order mark, and UTF-16 as ASCII."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return head.decode("utf-16", "replace").encode("ascii", "replace")
    head = head.removeprefix(b"\xef\xbb\xbf")
    try:
        text = head.decode()
    except UnicodeDecodeError as error:
        # The last character may be cut in two.
        if len(head) < HEAD_BYTES - 3 or error.start < len(head) - 3:
            return b""
        text = head[: error.start].decode()
    plain = all(char >= " " or char in "\t\n\r\f\x1b" for char in text)
    return head if plain else b""


def _of_text(text: bytes) -> str:
    if text.startswith(b"%PDF-"):
        return "application/pdf"
    if match := _ROOT.search(text):
        return SVG if (match[1] or match[2]).lower() == b"svg" else HTML
    return TEXT


def _of_brands(head: bytes) -> str:
    size = min(int.from_bytes(head[:4]), len(head))
    brands = {head[8:12], *(head[at : at + 4] for at in range(16, size - 3, 4))}
    # The major brand first: a video of a phone may be compatible with anything.
    for sought in ({head[8:12]}, brands):
        for known, kind in _BRANDS:
            if known & sought:
                return kind
        if head[8:12] in _VIDEOS:
            return "video/mp4"
    # A picture of any encoding; only HEIC says no more.
    return "image/heic" if {b"mif1", b"msf1"} & brands else "video/mp4"


def _of_zip(file: IO[bytes]) -> str:
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            if names[:1] == ["mimetype"] and archive.getinfo("mimetype").file_size < 100:
                said = archive.read("mimetype").decode("ascii", "replace")
                return said if _OPEN.fullmatch(said) else ZIP
            return _of_names(names)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError):
        return ZIP


def _of_names(names: Iterable[str]) -> str:
    names = list(names)
    if "[Content_Types].xml" in names:
        for folder, kind in _OFFICE.items():
            if any(name.startswith(folder) for name in names):
                return kind
    return ZIP
