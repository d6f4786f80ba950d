"""Each case file, uploaded with a false name and type: what is served, and what a browser does with it."""

import io
import json
from typing import Any

import pytest
from PIL import Image

from chat.models import File
from tests.api.conftest import Api
from tests.api.test_files import CASES, fetch

KINDS = json.loads((CASES / "kinds" / "expected.json").read_text())
PICTURES = json.loads((CASES / "images" / "expected.json").read_text())
HARMLESS = {
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "cache-control": "private, no-cache",
}
# Types that a browser downloads and never renders, whatever the bytes are.
DOWNLOADS = {"application/octet-stream", "application/pdf", "application/zip", "image/heic"}


async def sent(api: Api, folder: str, name: str) -> Any:
    content = (CASES / folder / name).read_bytes()
    return await api("alice", "POST", "files", files={"file": ("cat.png", content, "image/png")})


@pytest.mark.parametrize("name", KINDS)
async def test_only_what_was_opened_is_shown_in_its_place(api: Api, name: str) -> None:
    answer = await sent(api, "kinds", name)
    if name == "empty.bin":
        assert (answer.status_code, answer.json()["fields"]) == (422, {"files": "is empty"})
        return
    assert answer.status_code == 201, answer.text
    file = answer.json()
    assert file["type"] in KINDS[name]["is"]
    for method in ("GET", "HEAD"):
        headers = (await fetch(api, "alice", file["url"], method)).headers
        inline = headers["content-disposition"].startswith("inline")
        assert inline == KINDS[name]["may_be_shown_inline_by_browser_media_element"]
        assert headers["content-type"] == file["type"] if inline else headers["content-type"] in DOWNLOADS
        assert {header: headers[header] for header in HARMLESS} == HARMLESS
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "sandbox" in headers["content-security-policy"]


@pytest.mark.parametrize("name", PICTURES)
async def test_a_picture_is_as_large_as_its_message_says_and_says_nothing_else(api: Api, name: str) -> None:
    answer = await sent(api, "images", name)
    if name == "half_of_a_jpeg.jpg":
        assert (answer.status_code, answer.json()["code"]) == (415, "unsupported")
        assert not await File.objects.aexists()
        return
    assert answer.status_code == 201, answer.text
    file = answer.json()
    # Browsers cannot display HEIC: the file is downloaded, and its thumbnails are displayed.
    shown = file["thumbs"].values() if file["type"] == "image/heic" else [file["url"], *file["thumbs"].values()]
    for url in shown:
        got = await fetch(api, "alice", url)
        with Image.open(io.BytesIO(got.content)) as image:
            assert image.size == (file["width"], file["height"])
            assert not dict(image.getexif()), "nothing that would turn it again"
            assert getattr(image, "n_frames", 1) == (3 if "anim" in name or "apng" in name else 1)
        assert got.headers["content-disposition"].startswith("inline")
        assert got.headers["x-content-type-options"] == "nosniff"
