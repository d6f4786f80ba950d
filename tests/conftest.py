"""Fixtures for all tests: real servers, started when the first test asks and stopped with the run.

Tests that take `browser` are coroutines and share one event loop for the whole run, because the browser lives on it.
"""

import shutil
from collections.abc import AsyncGenerator, Callable, Generator
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from channels.layers import channel_layers
from django.core.cache import cache
from django.db import connection
from django.utils import translation
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from chat.management import start
from support import emptying, servers
from support.chromium import FLAGS, need_chromium
from tests.repeats import REPEATS

if TYPE_CHECKING:
    from playwright.async_api import Browser


# Examples are not timed: beside others, any of them may wait for a core.
settings.register_profile("untimed", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

# What takes long begins first, so that no worker is left with it alone at the end: files and folders, the longest file
# first. What comes after them starts no servers.
LONG = (
    *("test_faults.py", "test_axe.py", "test_scenarios.py", "printed", "deployment", "embedding", "browser", "live"),
    *("ops", "chatclient", "playground", "test_project.py", "importing", "conformance", "databases", "test_openapi.py"),
)
# Fixtures that give the database which `--database` names. pytest-django refuses it to every other test.
_DATABASE = {"db", "transactional_db", "serve"}


# Tests that import `your_project.asgi` bring a database of their own. Here, because with `pytest tests/api` the
# conftest.py of that folder is imported before any hook that could say so.
start.settle()


# Around the others: the plugin then leaves out what is `long`, and pytest-django has put what uses the database first.
@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    order = {name: at for at, name in enumerate(LONG)}
    files = sorted(
        dict.fromkeys(item.path for item in items),
        key=lambda path: min(order.get(name, len(LONG)) for name in (path.name, path.parent.name)),
    )
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
        if item.get_closest_marker("django_db") or not _DATABASE.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker("database")
        if item.nodeid in REPEATS or item.nodeid.partition("[")[0] in REPEATS:
            item.add_marker("long")
    yield
    places = {path: at for at, path in enumerate(files)}
    items.sort(key=lambda item: places[item.path])


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """The database has every table when pytest-django finds it; it is thrown away with its folder, or its server."""
    return True


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Make the database of the Django tests; each worker has its own."""
    name = connection.creation._get_test_db_name()  # type: ignore[attr-defined]  # the stubs lack it
    if connection.vendor == "sqlite":
        shutil.copy(servers.migrated_sqlite(), name)
    else:
        servers.make_tables(servers.shared_postgres().create_database(name=name))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock():
        emptying.begin()


@pytest.fixture(autouse=True)
def _fresh_memory() -> None:
    """No test meets what another left in the cache or the channel layer, nor the language of its last request."""
    translation.deactivate()
    channel_layers.backends = {}
    cache.clear()


@pytest.fixture(scope="session")
def postgres() -> servers.Postgres:
    """The run's PostgreSQL server; `create_database()` gives an empty database."""
    return servers.shared_postgres()


@pytest.fixture(scope="session")
def postgres_url(postgres: servers.Postgres) -> str:
    """The address of an empty database, not the one of the Django tests."""
    return postgres.create_database()


@pytest.fixture(scope="session")
def redis_server() -> servers.RedisServer:
    """The run's Redis. Who stops it starts it again: `with redis_server.stopped(): …`."""
    return servers.RedisServer()


@pytest.fixture(scope="session")
def redis_url(redis_server: servers.RedisServer) -> str:
    return redis_server.url


@pytest.fixture(scope="session")
def start_server() -> Callable[..., servers.Server]:
    """Start our server as a process of its own; see `support.servers.start_server`."""
    return servers.start_server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncGenerator["Browser"]:
    """Debian's Chromium. Make a context per person: `await browser.new_context()`."""
    from playwright.async_api import async_playwright

    executable = need_chromium()
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield chromium
        await chromium.close()
