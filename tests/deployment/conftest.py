from collections.abc import Generator

import pytest

from tests.deployment.topology import Topology
from tests.support.servers import Postgres, RedisServer


@pytest.fixture(scope="session")
def topology(postgres: Postgres) -> Generator[Topology]:
    # A Redis of its own: the processes of other tests are not part of this service.
    redis = RedisServer()
    running = Topology(database_url=postgres.create_database(), redis_url=redis.url)
    yield running
    running.stop()
    redis.stop()
