"""The chat below a prefix in another project, and below a script name."""

import re
from collections.abc import Iterator
from types import ModuleType

import pytest
from django.contrib import admin
from django.test import Client, override_settings
from django.urls import clear_script_prefix, include, path, set_script_prefix

from chat.mount import mount
from chat.server.bodies import is_resumable, is_upload
from support.accounts import person
from support.servers import ROOT

URLS = ModuleType("project_with_a_prefix")
URLS.urlpatterns = [  # type: ignore[attr-defined]
    path("admin/", admin.site.urls),
    path("accounts/", include("accounts.urls")),
    path("settings/", include("accounts.settings_urls")),
    path("team/chat/", include("chat.urls")),
]
# Paths that the chat's own scripts must not name absolutely.
PATHS = r"rooms|settings|search|files|api|ws|sw\.js|manifest|offline|accounts|invite|admin|welcome|manage"
ABSOLUTE = re.compile(rf"""["'`(]/(?:{PATHS})\b""")


@pytest.fixture
def below() -> Iterator[str]:
    """The chat included under "team/chat/", in a project that a proxy serves at "/intranet"."""
    with override_settings(ROOT_URLCONF=URLS):
        set_script_prefix("/intranet/")
        yield "/intranet/team/chat/"
        clear_script_prefix()


@pytest.fixture
def visitor(db: None, below: str) -> Client:
    client = Client(SCRIPT_NAME="/intranet")
    client.force_login(person("nora"))
    return client


def test_no_script_names_an_absolute_path() -> None:
    scripts = [path for path in (ROOT / "chat" / "static" / "chat" / "js").rglob("*.js") if "types" not in path.parts]
    assert scripts
    found = {path.name: ABSOLUTE.findall(path.read_text()) for path in scripts}
    assert {name: where for name, where in found.items() if where} == {}


@pytest.mark.parametrize(
    "address", ["rooms/lobby/", "rooms/lobby/?plain=1", "rooms/", "settings/", "search/", "offline/"]
)
@pytest.mark.django_db(transaction=True)
def test_each_page_leads_to_addresses_below_the_prefix_only(visitor: Client, below: str, address: str) -> None:
    answer = visitor.get(f"/team/chat/{address}")
    assert answer.status_code == 200
    html = answer.content.decode()
    assert f'data-base="{below}"' in html
    led = re.findall(r'(?:href|action|src)="(/[^"]*)"', html)
    assert f"{below}manifest.webmanifest" in led
    assert [place for place in led if not place.startswith(("/intranet/", "/static/"))] == []


def test_the_page_knows_the_pages_of_the_project_around_it(visitor: Client) -> None:
    html = visitor.get("/team/chat/rooms/lobby/").content.decode()
    assert '"sign_in": "/intranet/accounts/login/"' in html
    assert '"sign_out": "/intranet/accounts/logout/"' in html
    assert '"admin": "/intranet/admin/"' in html
    assert '"invite": null' in html


def test_the_first_page_leads_to_a_room_below_the_prefix(visitor: Client, below: str) -> None:
    assert visitor.get("/team/chat/").headers["Location"] == f"{below}rooms/lobby/"


def test_the_installed_program_begins_and_ends_at_the_prefix(below: str) -> None:
    facts = Client(SCRIPT_NAME="/intranet").get("/team/chat/manifest.webmanifest").json()
    assert {facts["id"], facts["start_url"], facts["scope"]} == {below}
    worker = Client(SCRIPT_NAME="/intranet").get("/team/chat/sw.js").content.decode()
    assert f'"base": "{below}"' in worker
    assert f'"offline": "{below}offline/"' in worker


@pytest.mark.django_db(transaction=True)
def test_the_api_answers_below_the_prefix_and_refuses_unknown_parameters_there(visitor: Client, below: str) -> None:
    assert "rooms" in visitor.get("/team/chat/api/v1/rooms?scope=public").json()
    assert visitor.get("/team/chat/api/v1/rooms?scoop=public").status_code == 422
    assert visitor.get("/team/chat/api/v1/nothing").json()["code"] == "not_found"
    assert f"{below}api/v1/" in visitor.get("/team/chat/api/v1/docs").content.decode()


def test_files_are_taken_below_the_prefix_and_nowhere_else(below: str) -> None:
    assert mount() == "/team/chat/"
    assert is_upload("/team/chat/api/v1/files")
    assert is_resumable("/team/chat/api/v1/uploads/abc")
    assert not is_upload("/api/v1/files")


def test_where_nothing_includes_the_chat_it_is_at_the_root() -> None:
    nothing = ModuleType("project_without_pages")
    nothing.urlpatterns = []  # type: ignore[attr-defined]
    with override_settings(ROOT_URLCONF=nothing):
        assert mount() == "/"
