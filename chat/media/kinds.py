"""Detects the media type of a file by its bytes, ignoring its name and the type that the client sent.

It uses its own table: each of three libraries tried on `tests/media/kinds` confuses types (a text that begins with
GIF89a with a picture, HEIC with a video, SVG with HTML or with nothing).
"""

import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import IO

# Bytes that are examined. A comment or a licence may precede the root element of an SVG.
HEAD_BYTES = 4096
UNKNOWN = "application/octet-stream"
ZIP = "application/zip"
TEXT = "text/plain"
HTML = "text/html"
SVG = "image/svg+xml"

# Names of the Pillow formats that may open a picture of each type.
PICTURES = {
    "image/jpeg": ("JPEG", "MPO"),
    "image/png": ("PNG",),
    "image/gif": ("GIF",),
    "image/webp": ("WEBP",),
    "image/avif": ("AVIF",),
    "image/heic": ("HEIF",),
}
# Types that browsers play after they are written into a new container: type -> FFmpeg format.
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

# The FFmpeg reader for each. FFmpeg would choose one itself, possibly a playlist reader, and the entries of playlists
# are other files on this machine or addresses in its network.
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
# Major and compatible brands of ISO base media files (mp4ra.org), in order of precedence.
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
# The entry `mimetype` names the type of the archive (OpenDocument 1.3, part 2, 3.3; EPUB 3.3).
_OPEN = re.compile(r"application/(vnd\.oasis\.opendocument\.[a-z-]+|epub\+zip)", re.ASCII)
_MPEG_AUDIO = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb]")
_ROOT = re.compile(
    rb"<(?:[A-Za-z0-9]+:)?(svg|html|head|body|script|iframe|title)\b|<!doctype\s+(svg|html)", re.IGNORECASE
)


def kind_of(path: Path) -> str:
    """Return the media type of the file; `UNKNOWN` for unrecognised bytes."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        found = _by_head(head)
        if found == ZIP:
            return _of_zip(file)
    return found


def kind_of_unopened(path: Path) -> str | None:
    """Return the media type of a file that no decoder opens, not even to detect the type; None for all others."""
    with path.open("rb") as file:
        found = _by_head(file.read(HEAD_BYTES))
    return None if found in PICTURES or found in RECORDINGS or found == ZIP else found


def _by_head(head: bytes) -> str:
    # Check for text first: a text may begin like a picture.
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
    """The head without byte order mark if it is UTF-8 text, as ASCII if it is UTF-16; else b""."""
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return head.decode("utf-16", "replace").encode("ascii", "replace")
    head = head.removeprefix(b"\xef\xbb\xbf")
    try:
        text = head.decode()
    except UnicodeDecodeError as error:
        # The end of the head may cut the last character in two.
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
    # The major brand first: a phone's video may list any compatible brands.
    for sought in ({head[8:12]}, brands):
        for known, kind in _BRANDS:
            if known & sought:
                return kind
        if head[8:12] in _VIDEOS:
            return "video/mp4"
    # These brands name a picture of any encoding; only HEIC may name no other brand.
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
