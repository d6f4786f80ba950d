"""Redis as operators run it: with ACLs, as a replica or cluster node, behind Sentinels; and its addresses."""

import pickle
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
import redis
from channels_redis.pubsub import RedisPubSubChannelLayer
from django.core.cache import caches

from chat.identity import throttle
from chat.lib.cache import cache_at
from chat.lib.redis import Pool, disconnect, layer_host, plain, sentinels
from chat.management.doctor.redis import redis as look
from support.processes import Child, answers, free_port, scratch
from support.programs import need
from support.redis import RedisServer
from your_project.redis_addresses import redis as address


def doctor(url: str, settings: Any) -> tuple[bool, str]:
    settings.CHAT_REDIS_URL = url
    settings.CACHES = {"default": cache_at(url)}
    [finding] = look()
    cache: Any = caches["default"]
    for pool in cache._cache._pools.values():
        disconnect(pool)
    return finding.well, finding.line


@pytest.fixture
def server() -> Generator[redis.Redis]:
    server = RedisServer()
    with redis.Redis.from_url(server.url) as client:
        yield client
    server.stop()


def url(client: redis.Redis, credentials: str = "") -> str:
    return f"redis://{credentials}127.0.0.1:{client.connection_pool.connection_kwargs['port']}/0"


class TestDoctor:
    def test_a_server_that_does_all_is_well(self, server: redis.Redis, settings: Any) -> None:
        assert doctor(url(server), settings) == (True, "redis: it answers, passes messages on and counts")

    @pytest.mark.parametrize(
        ("rights", "what"),
        [
            ("+@all -@dangerous ~* resetchannels", "is heard"),
            ("+@all -@dangerous ~* resetchannels &asgihub*", "is heard"),
            ("+@all -@dangerous &* resetkeys ~:1:*", "count"),
            ("+@all -@dangerous &* -@scripting ~*", "count"),
        ],
    )
    def test_missing_rights_are_named(self, server: redis.Redis, settings: Any, rights: str, what: str) -> None:
        server.execute_command("ACL", "SETUSER", "chat", "on", ">s3cret", *rights.split())  # type: ignore[no-untyped-call]
        well, line = doctor(url(server, "chat:s3cret@"), settings)
        assert not well
        assert f"lacks rights to {what}" in line
        assert "&asgi* ~LIMITS* ~:1:*" in line
        assert "s3cret" not in line

    def test_the_rights_it_names_are_enough(self, server: redis.Redis, settings: Any) -> None:
        rights = "+@all -@dangerous +info &asgi* ~LIMITS* ~:1:*"
        server.execute_command("ACL", "SETUSER", "chat", "on", ">s3cret", "resetchannels", *rights.split())  # type: ignore[no-untyped-call]
        assert doctor(url(server, "chat:s3cret@"), settings)[0]

    def test_a_replica_is_named(self, server: redis.Redis, settings: Any) -> None:
        server.execute_command("REPLICAOF", "127.0.0.1", str(free_port()))  # type: ignore[no-untyped-call]
        server.config_set("replica-serve-stale-data", "yes")
        well, line = doctor(url(server), settings)
        assert not well
        assert "it is a replica" in line

    def test_a_node_of_a_cluster_is_named(self, settings: Any) -> None:
        server = RedisServer("--cluster-enabled", "yes", "--cluster-port", str(free_port()))
        well, line = doctor(server.url, settings)
        server.stop()
        assert not well
        assert "a node of a cluster" in line


@pytest.fixture(scope="module")
def behind(redis_server: RedisServer) -> Generator[str]:
    """The address of the run's Redis, through a Sentinel."""
    folder, port = scratch("sentinel"), free_port()
    (folder / "sentinel.conf").write_text(f"port {port}\nsentinel monitor chat 127.0.0.1 {redis_server.port} 1\n")
    program = need("redis-sentinel", package="redis-sentinel")
    child = Child([program, folder / "sentinel.conf"], log=folder / "log")
    child.wait_until(lambda: answers(port))
    yield f"redis+sentinel://127.0.0.1:{free_port()},127.0.0.1:{port}/chat/0"
    child.kill()


class TestSentinel:
    def test_the_doctor_finds_the_server(self, behind: str, settings: Any) -> None:
        assert doctor(behind, settings)[0]

    async def test_hints_go_by_it(self, behind: str) -> None:
        layer = RedisPubSubChannelLayer(hosts=[layer_host(behind, socket_connect_timeout=2)])
        channel = await layer.new_channel()
        await layer.send(channel, {"type": "hello"})
        assert await layer.receive(channel) == {"type": "hello"}
        # channels_redis does not close its connections to Sentinels.
        asked = [shard._redis.connection_pool.sentinel_manager.sentinels for shard in layer._get_layer()._shards]
        await layer.flush()
        for client in asked[0]:
            await client.aclose()

    def test_attempts_are_counted_there(
        self, behind: str, settings: Any, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(throttle, "REDIS_TIMEOUT_SECONDS", 30.0)
        settings.CHAT_REDIS_URL = behind
        throttle._redis(behind).storage.reset()
        throttle.check("sign_in", person="ada")
        with redis.Redis.from_url(redis_server.url) as client:
            assert client.keys("LIMITS*sign_in*")
        disconnect(throttle._redis(behind).storage.storage.connection_pool)

    def test_the_cache_is_there(self, behind: str, settings: Any) -> None:
        assert doctor(behind, settings)[1] == "redis: it answers, passes messages on and counts"
        assert caches["default"].get("doctor") == 1
        doctor(behind, settings)


def test_what_somebody_else_has_put_into_redis_is_read_as_json_alone(redis_server: RedisServer, settings: Any) -> None:
    settings.CACHES = {"default": cache_at(redis_server.url)}
    cache: Any = caches["default"]
    cache.set_many({"moments": (1.5, 2.5), "count": 1, "held": True})
    cache.incr("count")
    assert cache.get_many(["moments", "count", "held"]) == {"moments": [1.5, 2.5], "count": 2, "held": True}
    with redis.Redis.from_url(redis_server.url) as client:
        [name] = client.keys("*:moments")
        assert client.get(name) == b"[1.5, 2.5]"
        client.set(name, pickle.dumps("words"))
    with pytest.raises(ValueError, match="decode"):
        cache.get("moments")
    cache.clear()
    for pool in cache._cache._pools.values():
        disconnect(pool)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("valkey://h:6380/1", "redis://h:6380/1"),
        ("valkeys://h", "rediss://h"),
        ("valkey+sentinel://h/chat", "redis+sentinel://h/chat"),
        ("unix:///run/redis.sock", "unix:///run/redis.sock"),
        ("", ""),
    ],
)
def test_an_address_is_one_that_redis_py_knows(monkeypatch: pytest.MonkeyPatch, given: str, meant: str) -> None:
    monkeypatch.setenv("REDIS_URL", given)
    assert address("REDIS_URL") == meant
    assert plain(meant) == meant


def test_an_address_of_sentinels_is_read_whole() -> None:
    found = sentinels("redis+sentinel://ada:p%40ss@one,[::1]:26380/chat/2?sentinel_password=other")
    assert found
    assert found.addresses == [("one", 26379), ("::1", 26380)]
    assert (found.master, found.own) == ("chat", {"password": "other"})
    assert found.options == {"db": 2, "username": "ada", "password": "p@ss"}


@pytest.mark.parametrize(
    "given",
    [
        "redis+sentinel://:hunter2@one",
        "redis+sentinel://:hunter2@one:port/chat",
        "redis+sentinel://:hunter2@one/chat?ssl=1",
        "http://:hunter2@one",
    ],
)
def test_a_bad_one_is_refused_without_its_password(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("REDIS_URL", given)
    with pytest.raises(SystemExit, match=r"^Backchannel cannot start: REDIS_URL must be [^\n]+$") as refusal:
        address("REDIS_URL")
    assert "hunter2" not in str(refusal.value)


def test_a_socket_is_an_address(tmp_path: Path) -> None:
    path = scratch("socket") / "redis.sock"
    server = RedisServer("--unixsocket", str(path))
    server.child.wait_until(path.is_socket)
    with redis.Redis(connection_pool=Pool.from_url(f"unix://{path}")) as client:
        assert client.ping()
    server.stop()
