"""The content of service worker and manifest, and how long a browser caches each file."""

import gzip
import os
import re
from functools import partial
from pathlib import Path
from typing import Any

import brotli
import httpx
import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import resolve
from pytest_django.fixtures import Settings

from chat.pages import scripts
from your_project import assets, static_files
from your_project.compression import CompressionMiddleware
from your_project.static_files import StaticFiles

# Without a database: these addresses do not depend on the user.


@pytest.mark.parametrize("address", ["/sw.js", "/manifest.webmanifest", "/offline/"])
def test_it_is_the_same_for_everybody_and_asked_for_anew(address: str) -> None:
    somebody = Client(headers={"cookie": "sessionid=abcdefghijklmnop"})
    answer = somebody.get(address)
    assert answer.status_code == 200
    assert answer.content == Client().get(address).content
    assert answer.headers["Cache-Control"] == "no-cache"
    assert not answer.cookies
    assert Client().post(address).status_code == 405


def test_the_worker_may_run_and_nothing_else_may_start_one() -> None:
    answer = Client().get("/sw.js")
    assert answer.headers["Content-Type"] == "text/javascript"
    assert "worker-src 'self'" in answer.headers["Content-Security-Policy"]
    assert f'"version": "{settings.CHAT_STATIC_VERSION}"' in answer.content.decode()


async def test_static_files_are_cached_permanently_under_a_versioned_address() -> None:
    html = Client().get("/offline/").content.decode()
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', html)
    assert addresses
    assert all(re.match(r"/static/[0-9a-f]{12}/", address) for address in addresses)
    async with server() as browser:
        for address in [*addresses, f"{settings.STATIC_URL}admin/css/base.css"]:
            answer = await browser.get(address)
            assert answer.status_code == 200
            assert "immutable" in answer.headers["Cache-Control"]
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            unchanged = await browser.get(address, headers={"If-None-Match": answer.headers["ETag"]})
            assert (unchanged.status_code, unchanged.content) == (304, b"")


async def test_files_that_were_collected_are_combined_and_served_compressed(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The other tests' servers compress their static files as well as possible, which takes 4 s of a core.
    quickly = partial(brotli.compress, quality=1)
    monkeypatch.setattr(static_files._Compressor, "compress_brotli", staticmethod(quickly))
    settings.STATIC_ROOT = tmp_path / settings.CHAT_STATIC_VERSION
    for day in range(1, 8):
        (tmp_path / f"{day:012d}").mkdir()
        os.utime(tmp_path / f"{day:012d}", (day * 86400, day * 86400))
    assert not scripts.collected()
    async with server() as browser:  # starting it collects them
        assert scripts.collected()
        page = Client().get("/offline/").content.decode()
        addresses = re.findall(r'<link rel="stylesheet" href="(/static/[^"]+)"', page)
        assert addresses == [f"{settings.STATIC_URL}chat/bundles/base.css"]
        whole = await browser.get(addresses[0], headers={"Accept-Encoding": "identity"})
        assert "Content-Encoding" not in whole.headers
        for encoding in ("gzip", "br"):
            answer = await browser.get(addresses[0], headers={"Accept-Encoding": encoding})
            assert answer.headers["Content-Encoding"] == encoding
            assert "Accept-Encoding" in answer.headers["Vary"]
            assert int(answer.headers["Content-Length"]) < len(whole.content) / 2
            assert answer.text == whole.text
    assert "bundles/main.js" in Client().get("/sw.js").content.decode()
    # Versions before the last four are deleted.
    kept = sorted(path.name for path in tmp_path.iterdir() if path.is_dir())
    assert kept == sorted([f"{day:012d}" for day in range(4, 8)] + [settings.CHAT_STATIC_VERSION])


async def test_where_nothing_can_be_written_files_are_served_one_by_one(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings.STATIC_ROOT = tmp_path / "file" / settings.CHAT_STATIC_VERSION
    async with server() as browser:
        assert not scripts.collected()
        address = f"{settings.STATIC_URL}chat/css/tokens.css"
        assert address in Client().get("/offline/").content.decode()
        assert (await browser.get(address)).status_code == 200


def test_pages_are_compressed_but_not_what_may_hold_a_secret(rf: RequestFactory) -> None:
    accepting = Client(headers={"accept-encoding": "gzip"})
    answer = accepting.get("/offline/")
    assert answer.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert b"<h1" in gzip.decompress(answer.content)

    def page(request: HttpRequest) -> HttpResponse:
        response = HttpResponse("words " * 100)
        response.holds_secret = request.path == "/key"  # type: ignore[attr-defined]
        return response

    def is_compressed(request: HttpRequest) -> bool:
        request.META["HTTP_ACCEPT_ENCODING"] = "gzip"
        request.resolver_match = resolve(request.path) if request.path.startswith("/admin/") else None
        return CompressionMiddleware(page).process_response(request, page(request)).has_header("Content-Encoding")

    assert is_compressed(rf.get("/page"))
    assert not is_compressed(rf.get("/key"))
    assert not is_compressed(rf.post("/page"))
    assert not is_compressed(rf.get("/admin/accounts/apitoken/"))


async def test_with_debug_each_change_of_a_static_file_is_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DEBUG", True)
    async with server() as browser:
        answer = await browser.get(f"{settings.STATIC_URL}chat/css/base.css")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "max-age=0, public")


async def test_whatever_is_no_static_file_is_for_django_to_answer() -> None:
    prefix = settings.STATIC_URL
    outside = [
        f"{prefix}../manage.py",
        f"{prefix}%2e%2e/manage.py",
        f"{prefix}%00",
        f"{prefix}css/",
        f"{prefix}/etc/passwd",
    ]
    async with server() as browser:
        for address in ["/static/chat/css/base.css", prefix, "/", *outside]:
            assert (await browser.get(address)).text == "a page", address


def server() -> httpx.AsyncClient:
    """Static files, and one page for everything else."""

    async def pages(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"a page"})

    return httpx.AsyncClient(transport=httpx.ASGITransport(app=StaticFiles(pages)), base_url="http://testserver")


def test_another_content_is_another_version(tmp_path: Path) -> None:
    folder = tmp_path / "static"
    folder.mkdir()
    (folder / "a.js").write_text("one")
    first = assets.version(folder)
    assert assets.version(folder) == first
    (folder / "a.js").write_text("two")
    second = assets.version(folder)
    (folder / "a.js").rename(folder / "b.js")
    third = assets.version(folder)
    # A change to the linker changes the bundle.
    assert len({first, second, third, assets.version(folder, folder / "b.js")}) == 4
