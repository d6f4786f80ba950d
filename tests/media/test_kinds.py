"""The kind of a file, determined by its bytes."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from chat.api.downloads import INLINE
from chat.media.kinds import PICTURES, RECORDINGS, ZIP, kind_of, kind_of_unopened

CASES = Path(__file__).parent / "kinds"
EXPECTED = json.loads((CASES / "expected.json").read_text())


@pytest.mark.parametrize("name", EXPECTED)
def test_each_kind_is_found_and_only_pictures_and_media_are_shown_in_their_place(name: str) -> None:
    expected = EXPECTED[name]
    kind = kind_of(CASES / name)
    # An empty file has no kind. Only opening a WebM shows whether it contains pictures.
    assert kind in {expected["is"] or "application/octet-stream"} or kind == "video/webm"
    assert (kind in INLINE and kind not in PICTURES) == expected["may_be_shown_inline_by_browser_media_element"]


@pytest.mark.parametrize("name", EXPECTED)
def test_what_is_opened_is_never_taken_by_its_first_bytes_alone(name: str) -> None:
    kind = kind_of(CASES / name)
    opened = kind in PICTURES or kind in RECORDINGS or zipfile.is_zipfile(CASES / name) or kind == ZIP
    assert kind_of_unopened(CASES / name) == (None if opened else kind)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xef\xbb\xbf<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml"),
        (b"<?xml version='1.0'?>\n<!-- " + b"x" * 2000 + b" --><svg/>", "image/svg+xml"),
        ("<html>".encode("utf-16"), "text/html"),
        (b"<p>no doctype</p><script>x</script>", "text/html"),
        (b"BM is how a bitmap begins", "text/plain"),
        (b"ID3 is how a song begins", "text/plain"),
        ("日本語".encode() * 700, "text/plain"),
        (b"MZ\x90\x00\x03", "application/octet-stream"),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", "image/heic"),
        (b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1avif", "image/avif"),
        (b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ", "video/quicktime"),
    ],
)
def test_bytes_decide(tmp_path: Path, content: bytes, kind: str) -> None:
    path = tmp_path / "cat.png"
    path.write_bytes(content)
    assert kind_of(path) == kind


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (["mimetype", "content.xml"], "application/vnd.oasis.opendocument.text"),
        (
            ["[Content_Types].xml", "xl/workbook.xml"],
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
        (["META-INF/MANIFEST.MF", "word/cat.txt"], "application/zip"),
    ],
)
def test_a_zip_is_known_by_its_entries(tmp_path: Path, names: list[str], kind: str) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.writestr(name, "application/vnd.oasis.opendocument.text" if name == "mimetype" else "x")
    path = tmp_path / "a"
    path.write_bytes(packed.getvalue())
    assert kind_of(path) == kind
