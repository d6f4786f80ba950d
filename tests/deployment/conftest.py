from collections.abc import Generator

import pytest

from support.servers import Postgres, RedisServer
from support.topology import Topology


@pytest.fixture(scope="session")
def topology(postgres: Postgres) -> Generator[Topology]:
    # A Redis of its own: the processes of other tests are not part of this service.
    redis = RedisServer()
    running = Topology(database_url=postgres.create_database(), redis_url=redis.url)
    yield running
    running.stop()
    redis.stop()
