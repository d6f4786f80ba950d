from collections.abc import Generator

import pytest

from support.servers import Postgres, RedisServer, make_tables
from support.topology import Topology


@pytest.fixture(scope="session")
def topology(postgres: Postgres) -> Generator[Topology]:
    # A separate Redis: the processes of other tests are not part of this service.
    redis = RedisServer()
    database_url = postgres.create_database()
    # A copy of a migrated database: its `migrate` would spend 9 to 14 s of a core on an empty one.
    make_tables(database_url)
    running = Topology(database_url=database_url, redis_url=redis.url)
    yield running
    running.stop()
    redis.stop()
