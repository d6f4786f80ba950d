"""Fixtures for all tests: real servers, started by the first test that needs them and stopped when the run ends.

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


# Examples have no deadline: when tests run in parallel, any example may wait for a core.
settings.register_profile("untimed", settings.default, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

# Slow files and folders start first, the slowest first, so that no worker runs one alone at the end. The other tests
# start no servers.
LONG = (
    *("test_faults.py", "test_axe.py", "test_scenarios.py", "printed", "deployment", "embedding", "browser", "live"),
    *("ops", "chatclient", "playground", "test_project.py", "importing", "conformance", "databases", "test_openapi.py"),
)
# Fixtures that give access to the database named by `--database`. pytest-django blocks it for every other test.
_DATABASE = {"db", "transactional_db", "serve"}


# Tests that import `your_project.asgi` bring a database of their own. Called here, because with `pytest tests/api` the
# conftest.py of that folder is imported before any hook that could do it.
start.settle()


# Wraps the other hooks: at the yield the plugin removes `long` tests, and pytest-django moves database tests forward.
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
    """Keep the database: it already has every table when pytest-django finds it, and goes with its folder or server."""
    return True


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Create the database of the Django tests; each worker has its own."""
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
    """Start each test with an empty cache and channel layer, and without the language of the last request."""
    translation.deactivate()
    channel_layers.backends = {}
    cache.clear()


@pytest.fixture(scope="session")
def postgres() -> servers.Postgres:
    """The run's PostgreSQL server; `create_database()` creates an empty database."""
    return servers.shared_postgres()


@pytest.fixture(scope="session")
def postgres_url(postgres: servers.Postgres) -> str:
    """The address of an empty database, separate from that of the Django tests."""
    return postgres.create_database()


@pytest.fixture(scope="session")
def redis_server() -> servers.RedisServer:
    """The run's Redis. A test that stops it must start it again: `with redis_server.stopped(): …`."""
    return servers.RedisServer()


@pytest.fixture(scope="session")
def redis_url(redis_server: servers.RedisServer) -> str:
    return redis_server.url


@pytest.fixture(scope="session")
def start_server() -> Callable[..., servers.Server]:
    """Start our server as a separate process; see `support.servers.start_server`."""
    return servers.start_server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncGenerator["Browser"]:
    """Debian's Chromium. Create one context per person: `await browser.new_context()`."""
    from playwright.async_api import async_playwright

    executable = need_chromium()
    async with async_playwright() as playwright:
        chromium = await playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield chromium
        await chromium.close()
