"""Checks reject a wrong deployment before it serves requests."""

import os
import re
import socket
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from django.core import checks
from django.utils import timezone
from pytest_django.fixtures import Settings

from chat.models import ProcessLease
from support.servers import PYTHON, ROOT, Server
from your_project import env

StartServer = Callable[..., Server]

GOOD_KEY = "k2J8-dq7Xw0pLrT5vBn3MzYc9HsGf1Ae"


def ids(*, databases: bool = False) -> list[str]:
    found = checks.run_checks(databases=["default"] if databases else None)
    # The tests' own PostgreSQL does not sync to disk, so W020 always warns.
    return sorted(m.id for m in found if m.id and m.id.startswith("chat.") and m.id != "chat.W020")


@pytest.fixture(autouse=True)
def _laptop(settings: Settings) -> None:
    """The defaults that `bin/run` uses; Django's test runner adds a host."""
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]


@pytest.fixture
def public(settings: Settings) -> Settings:
    """A correctly configured public server."""
    settings.ALLOWED_HOSTS = ["chat.example.org"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://chat.example.org"]
    settings.CHAT_HTTPS = True
    settings.SECRET_KEY = GOOD_KEY
    settings.CHAT_SECRET_KEY_GIVEN = True
    settings.CHAT_PUSH_CONTACT = "https://chat.example.org"
    return settings


def test_the_defaults_and_a_good_public_server_pass(public: Settings) -> None:
    assert ids() == []


def test_a_laptop_passes_with_the_key_it_made() -> None:
    assert ids() == []


def test_every_host_may_be_allowed_only_while_debugging(public: Settings) -> None:
    public.ALLOWED_HOSTS = ["*"]
    assert ids() == ["chat.E001"]
    public.DEBUG = True
    assert ids() == []


def test_a_wildcard_origin_is_refused(public: Settings) -> None:
    public.CSRF_TRUSTED_ORIGINS = ["https://*.example.org"]
    assert ids() == ["chat.E002"]


@pytest.mark.parametrize(
    ("entries", "cure"),
    [
        (["https://chat.example.org"], "ALLOWED_HOSTS=chat.example.org"),
        (["chat.example.org:8000", "localhost"], "ALLOWED_HOSTS=chat.example.org,localhost"),
        (["chat.example.org/chat"], "ALLOWED_HOSTS=chat.example.org"),
        (["*.example.org"], "ALLOWED_HOSTS=.example.org"),
        (["https://*.example.org/"], "ALLOWED_HOSTS=.example.org"),
        (["::1"], "ALLOWED_HOSTS=[::1]"),
        (["[2001:db8::7]:443"], "ALLOWED_HOSTS=[2001:db8::7]"),
        (["chat.example.org."], "ALLOWED_HOSTS=chat.example.org"),
        (['"chat.example.org"'], "ALLOWED_HOSTS=chat.example.org"),
        (["chat.example.org chat.example.net"], "ALLOWED_HOSTS=chat.example.org,chat.example.net"),
        (["bücher.example"], "ALLOWED_HOSTS=xn--bcher-kva.example"),
        (["https://"], "ALLOWED_HOSTS=chat.example.org"),
    ],
)
def test_a_host_that_no_request_matches_is_refused_with_the_right_one(
    public: Settings, entries: list[str], cure: str
) -> None:
    public.ALLOWED_HOSTS = entries
    [found] = [message for message in checks.run_checks() if message.id == "chat.E006"]
    assert found.hint == f"Set {cure}"


@pytest.mark.parametrize("entry", ["chat.example.org", ".example.org", "LOCALHOST", "10.0.0.7", "[::1]", "web_1"])
def test_a_host_is_taken_as_the_address_bar_shows_it(public: Settings, entry: str) -> None:
    public.ALLOWED_HOSTS = ["chat.example.org", entry]
    assert ids() == []


@pytest.mark.parametrize(
    ("origin", "cure"),
    [
        ("chat.example.org", "https://chat.example.org"),
        ("chat.example.org:8443", "https://chat.example.org:8443"),
        ("https://chat.example.org/", "https://chat.example.org"),
        ("https://chat.example.org:443", "https://chat.example.org"),
        ("HTTPS://Chat.Example.Org", "https://chat.example.org"),
        ("wss://chat.example.org/ws/", "https://chat.example.org"),
        ("http://chat.example.org:80", "http://chat.example.org"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_an_origin_that_no_browser_sends_is_refused_with_the_right_one(
    public: Settings, origin: str, cure: str
) -> None:
    public.CSRF_TRUSTED_ORIGINS = [origin]
    [found] = [message for message in checks.run_checks() if message.is_serious() and not message.is_silenced()]
    assert (found.id, found.hint) == ("chat.E007", f"Set CSRF_TRUSTED_ORIGINS={cure}")


def test_a_trusted_origin_whose_pages_would_be_refused_is_warned_of(public: Settings) -> None:
    public.CSRF_TRUSTED_ORIGINS = ["https://chat.example.org", "https://other.example.org:8443"]
    [found] = [message for message in checks.run_checks() if message.id == "chat.W004"]
    assert found.hint == "Set ALLOWED_HOSTS=chat.example.org,other.example.org"


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("CHAT_SIGNUPS", "CHAT_SIGNUP"),
        ("CHAT_SEND_LIMITS", "CHAT_SEND_LIMIT"),
        ("CHAT_NOTHING_OF_THE_KIND", ""),
        ("CHAT_LOG_LEVEL", "LOG_LEVEL"),
        ("ALLOWED_HOST", "ALLOWED_HOSTS"),
        ("DJANGO_SECRET_KEY", "SECRET_KEY"),
        ("BACKCHANNEL_PORT", "PORT"),
        ("allowed_hosts", "ALLOWED_HOSTS"),
        ("REDIS_URI", "REDIS_URL"),
        ("SEND_LIMIT", "CHAT_SEND_LIMIT"),
    ],
)
def test_a_name_that_is_nearly_a_setting_is_warned_of(settings: Settings, name: str, nearest: str) -> None:
    settings.CHAT_UNKNOWN_SETTINGS = env.unknown([name, "PATH"])
    [found] = [message for message in checks.run_checks() if message.id == "chat.W005"]
    assert name in found.msg
    assert found.hint == (f"Did you mean {nearest}?" if nearest else "docs/settings.md lists them all.")


@pytest.mark.parametrize(
    "name",
    [
        *("HOSTNAME", "LOGNAME", "PORTS", "EMAIL_HOST", "DJANGO_SETTINGS_MODULE", "POSTGRES_PASSWORD", "DATABASE_NAME"),
        *("CHAT_TOKEN", "CHAT_PASSWORD"),  # the Python client's
        *("CHAT_SERVICE_HOST", "CHAT_PORT", "CHAT_PORT_8000_TCP_ADDR"),  # set by Kubernetes for a service named chat
        *("HOST", "CHAT_SIGNUP"),
    ],
)
def test_a_name_of_something_else_is_left_alone(name: str) -> None:
    assert env.unknown([name]) == {}


def test_a_simple_key_is_not_even_accepted_from_before(public: Settings) -> None:
    public.SECRET_KEY_FALLBACKS = [GOOD_KEY[::-1], "changeme"]
    assert ids() == ["chat.E008"]


def test_a_deployment_as_described_raises_no_alarm(public: Settings) -> None:
    public.SESSION_COOKIE_SECURE = public.CSRF_COOKIE_SECURE = True
    found = checks.run_checks(include_deployment_checks=True)
    assert [message for message in found if not message.is_silenced()] == []


def test_a_public_server_without_https_is_warned_of(public: Settings) -> None:
    public.CHAT_HTTPS = False
    assert ids() == ["chat.W001"]


def test_a_public_server_needs_a_key_of_its_own(public: Settings) -> None:
    public.CHAT_SECRET_KEY_GIVEN = False
    assert ids() == ["chat.E003"]


@pytest.mark.parametrize("key", ["changeme", "a" * 50, "short-" * 20])
def test_a_simple_key_is_refused(public: Settings, key: str) -> None:
    public.SECRET_KEY = key
    assert ids() == ["chat.E004"]


def test_redis_beside_an_sqlite_file_is_warned_of(settings: Settings, request: pytest.FixtureRequest) -> None:
    settings.CHAT_REDIS_URL = "redis://127.0.0.1:1/0"
    assert ids() == (["chat.W002"] if request.config.getoption("--database") == "sqlite" else [])


def lease(*, pid: int, host: str = "", seconds: int = 60) -> ProcessLease:
    return ProcessLease.objects.create(
        host=host or socket.gethostname(), pid=pid, expires_at=timezone.now() + timedelta(seconds=seconds)
    )


@pytest.mark.django_db
class TestASecondProcessWithoutRedis:
    def test_is_refused_while_the_first_one_lives(self) -> None:
        lease(pid=os.getppid())
        assert ids(databases=True) == ["chat.E005"]

    def test_is_fine_with_redis(self, settings: Settings) -> None:
        lease(pid=os.getppid())
        settings.CHANNEL_LAYERS = {"default": {"BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer"}}
        assert "chat.E005" not in ids(databases=True)

    def test_may_start_at_once_after_the_first_was_killed(self) -> None:
        child = subprocess.Popen(["true"])
        child.wait()
        lease(pid=child.pid)
        assert ids(databases=True) == []

    def test_may_start_when_the_first_had_its_own_number(self) -> None:
        lease(pid=os.getpid())
        assert ids(databases=True) == []

    def test_may_start_when_the_lease_has_ended(self) -> None:
        lease(pid=os.getppid(), seconds=-1)
        assert ids(databases=True) == []

    def test_is_warned_when_the_first_runs_on_another_machine(self) -> None:
        lease(pid=1, host="elsewhere")
        assert ids(databases=True) == ["chat.W003"]


def test_serve_says_what_is_wrong_and_does_not_start(start_server: StartServer) -> None:
    with pytest.raises(RuntimeError, match="ended with 1") as refusal:
        start_server(env={"ALLOWED_HOSTS": "*"}, command=[PYTHON, "manage.py", "serve"])
    assert "chat.E001" in str(refusal.value)
    assert "Traceback" not in str(refusal.value)


def test_an_id_belongs_to_one_check() -> None:
    modules = {
        path.stem: set(re.findall(r'id="(chat\.[EW]\d+)"', path.read_text()))
        for path in (ROOT / "chat" / "checks").glob("*.py")
    }
    found = [one for ids_of_module in modules.values() for one in ids_of_module]
    assert len(found) > 15
    assert len(found) == len(set(found)), modules


@pytest.mark.parametrize(
    "contact", ["mailto:ops@example.org", "https://chat.example.org", "https://chat.example.org:8443/"]
)
def test_a_contact_that_push_services_can_reach(public: Settings, contact: str) -> None:
    public.CHAT_PUSH_CONTACT = contact
    assert ids() == []


@pytest.mark.parametrize(
    "contact",
    [
        "mailto:root@localhost",
        "https://localhost",
        "https://chat.local",
        "https://10.0.0.1",
        "mailto:ops",
        "ops@example.org",
    ],
)
def test_a_contact_that_they_cannot_reach_is_refused(public: Settings, contact: str) -> None:
    public.CHAT_PUSH_CONTACT = contact
    assert ids() == ["chat.E010"]


def test_pushes_without_a_contact_are_warned_of(public: Settings) -> None:
    public.CHAT_PUSH_CONTACT = ""
    assert ids() == ["chat.W007"]


def test_keys_of_processes_that_start_at_once_are_the_same(tmp_path: Path) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slowly() -> str:
        begun.set()
        assert go_on.wait(30)
        return "made first"

    with ThreadPoolExecutor(2) as processes:
        first = processes.submit(env._kept, tmp_path / "key", slowly)
        assert begun.wait(30)
        second = processes.submit(env._kept, tmp_path / "key", lambda: "made second")
        with pytest.raises(TimeoutError):
            second.result(0.2)
        go_on.set()
        assert {first.result(30), second.result(30), env._kept(tmp_path / "key", str)} == {"made first"}
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600


def test_a_key_that_was_not_written_to_its_end_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "key").touch()
    assert env._kept(tmp_path / "key", lambda: "made") == "made"
    assert env._kept(tmp_path / "key", str) == "made"
