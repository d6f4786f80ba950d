"""Wrong deployments are refused before they serve anybody."""

import os
import socket
import subprocess
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core import checks
from django.utils import timezone
from pytest_django.fixtures import Settings

from chat.models import ProcessLease
from tests.support.servers import PYTHON, Server

StartServer = Callable[..., Server]

GOOD_KEY = "k2J8-dq7Xw0pLrT5vBn3MzYc9HsGf1Ae"


def ids(*, databases: bool = False) -> list[str]:
    found = checks.run_checks(databases=["default"] if databases else None)
    return sorted(message.id for message in found if message.id and message.id.startswith("chat."))


@pytest.fixture(autouse=True)
def _laptop(settings: Settings) -> None:
    """The defaults, as `bin/run` has them; Django's test runner adds a host of its own."""
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]


@pytest.fixture
def public(settings: Settings) -> Settings:
    """A server set up as it should be for other machines."""
    settings.ALLOWED_HOSTS = ["chat.example.org"]
    settings.CSRF_TRUSTED_ORIGINS = ["https://chat.example.org"]
    settings.HTTPS = True
    settings.SECRET_KEY = GOOD_KEY
    settings.SECRET_KEY_GIVEN = True
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


def test_a_public_server_without_https_is_warned_of(public: Settings) -> None:
    public.HTTPS = False
    assert ids() == ["chat.W001"]


def test_a_public_server_needs_a_key_of_its_own(public: Settings) -> None:
    public.SECRET_KEY_GIVEN = False
    assert ids() == ["chat.E003"]


@pytest.mark.parametrize("key", ["changeme", "a" * 50, "short-" * 20])
def test_a_simple_key_is_refused(public: Settings, key: str) -> None:
    public.SECRET_KEY = key
    assert ids() == ["chat.E004"]


def test_redis_beside_an_sqlite_file_is_warned_of(settings: Settings, request: pytest.FixtureRequest) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
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
        settings.REDIS_URL = "redis://127.0.0.1:1/0"
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


def test_serve_says_what_is_wrong_and_serves_nobody(start_server: StartServer) -> None:
    with pytest.raises(RuntimeError, match="ended with 1") as refusal:
        start_server(env={"ALLOWED_HOSTS": "*"}, command=[PYTHON, "manage.py", "serve"])
    assert "chat.E001" in str(refusal.value)
    assert "Traceback" not in str(refusal.value)
