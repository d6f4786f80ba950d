"""The database or a service in front of it or beside it dies: another takes over, or it is started again."""

import asyncio
import time

import psycopg
import redis

from support.pgbouncer import PgBouncer
from support.postgres import Postgres
from support.processes import Child, answers, free_port, scratch
from support.programs import need
from support.redis import RedisServer
from support.servers import make_tables
from tools.faults.site import NO_LIMITS, Site, make_people
from tools.faults.traffic import Traffic, logger
from tools.faults.verdict import Verdict

# From the moment that a standby accepts writes until every client has all messages.
BACK_SECONDS = 10.0
# Sentinels detect after one second that their master is gone, and choose another some seconds later.
CHOSEN_SECONDS = 20.0
SENTINELS = 3
# Longer than two failing publications in a row.
QUIET_SECONDS = 3.0
_SENTINEL = """port {port}
sentinel monitor chat 127.0.0.1 {master} 2
sentinel down-after-milliseconds chat 1000
sentinel failover-timeout chat 5000
"""


async def postgres_fails_over(*, times: int) -> Verdict:
    """PostgreSQL is killed (-9) under traffic and its synchronous standby promoted, and again with the next standby."""
    primary = Postgres(durable=True)
    url = primary.create_database()
    make_tables(url)
    tokens = make_people(DATABASE_URL=url, DATA_DIR=str(scratch("people")))
    machines = [primary, Postgres(durable=True, primary=primary)]
    primary.wait_for_standby()
    for _ in range(times - 1):
        # Its port is in the URL from the start, as a host name would be.
        machines.append(await asyncio.to_thread(_spare, machines[-1]))
    hosts = ",".join(f"127.0.0.1:{machine.port}" for machine in machines)
    everywhere = f"postgres://backchannel@{hosts}/{url.rpartition('/')[2]}?target_session_attrs=read-write"
    folder, layer = scratch("site"), RedisServer()
    addresses = {"DATA_DIR": str(folder), "DATABASE_URL": everywhere, "REDIS_URL": layer.url}
    async with Site(NO_LIMITS | addresses, tokens, folder, 2, layer, primary) as site, Traffic(site) as traffic:
        slowest = 0.0
        for number in range(times):
            await traffic.until_said(20)
            machines[number].child.kill()
            await asyncio.sleep(1)
            await asyncio.to_thread(machines[number + 1].promote)
            promoted = time.monotonic()
            await traffic.until_complete()
            slowest = max(slowest, time.monotonic() - promoted)
            logger.info("failed over %d of %d times", number + 1, times)
            if number + 2 < len(machines):
                await asyncio.to_thread(machines[number + 1].wait_for_standby)
        verdict = await traffic.settle()
        verdict.repetitions = times
        verdict.figures["all delivered after the promotion within"] = f"{slowest:.1f} s"
        verdict.in_time(slowest <= BACK_SECONDS, f"after a promotion all was delivered only after {slowest:.1f} s")
        verdict.expect(not traffic.closes, "a socket was closed")
    for machine in machines:
        machine.child.kill()
    return verdict


def _spare(standby: Postgres) -> Postgres:
    """A standby of a standby: it follows that one when it is promoted."""
    return Postgres(durable=True, primary=standby)


async def pgbouncer_killed(*, times: int) -> Verdict:
    """The PgBouncer before PostgreSQL is killed (-9) under traffic, and started again after a second."""
    site = Site.on_postgres()
    assert site.postgres
    url = site.env["DATABASE_URL"]
    # As docs/operations.md says: PgBouncer ignores the options of our connections.
    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("statement_timeout", "lock_timeout"):
            connection.execute(f"ALTER DATABASE {url.rpartition('/')[2]} SET {setting} = '4s'")
    pooler = PgBouncer(site.postgres, ignore="options")
    site.env["DATABASE_URL"] = pooler.url(url)
    async with site, Traffic(site) as traffic:
        slowest = 0.0
        for _ in range(times):
            await traffic.until_said(20)
            pooler.child.kill()
            await asyncio.sleep(1)
            await asyncio.to_thread(pooler.start)
            back = time.monotonic()
            await traffic.until_complete()
            slowest = max(slowest, time.monotonic() - back)
        verdict = await traffic.settle()
        verdict.repetitions = times
        verdict.figures["all delivered after its start within"] = f"{slowest:.1f} s"
        verdict.in_time(slowest <= BACK_SECONDS, f"after a start all was delivered only after {slowest:.1f} s")
        verdict.expect(not traffic.closes, "a socket was closed")
    pooler.child.kill()
    return verdict


async def redis_fails_over(*, traffic_seconds: float) -> Verdict:
    """The Redis behind three Sentinels is killed (-9) under traffic, and its replica takes over."""
    master = RedisServer()
    replica = RedisServer("--replicaof", "127.0.0.1", str(master.port))
    ports = [free_port() for _ in range(SENTINELS)]
    sentinels = [_sentinel(port, master.port) for port in ports]
    address = f"redis+sentinel://{','.join(f'127.0.0.1:{port}' for port in ports)}/chat/0"
    async with Site.on_postgres(REDIS_URL=address) as site, Traffic(site) as traffic:
        await asyncio.to_thread(_until_known, ports[0])
        await asyncio.sleep(traffic_seconds)
        master.stop()
        gone = time.monotonic()
        well = await _until_published(site)
        await asyncio.sleep(traffic_seconds)
        verdict = await traffic.settle()
        verdict.broken += site.untold(publish_failures_total="hints lost", heals_total="room healed")
        verdict.expect(not traffic.closes, "a socket was closed")
        away = traffic.lag_p99(gone, well)
        verdict.figures["p99 to the other process meanwhile"] = f"{away:.2f} s"
        verdict.figures["published again after"] = f"{well - gone:.1f} s"
        verdict.in_time(well - gone <= CHOSEN_SECONDS, f"messages were published again only {well - gone:.1f} s after")
    for child in [replica.child, *sentinels]:
        child.kill()
    return verdict


async def _until_published(site: Site) -> float:
    """Wait until no publication fails and no room is read for lack of hints any more; returns the time of the last."""
    count, changed = -1.0, time.monotonic()
    while time.monotonic() < changed + QUIET_SECONDS:
        found = await asyncio.to_thread(lambda: sum(map(site.metric, ("publish_failures_total", "heals_total"))))
        if found != count:
            count, changed = found, time.monotonic()
        await asyncio.sleep(0.1)
    return changed


def _sentinel(port: int, master: int) -> Child:
    file = scratch("sentinel") / "sentinel.conf"
    file.write_text(_SENTINEL.format(port=port, master=master))
    sentinel = Child([need("redis-sentinel", package="redis-sentinel"), file], log=file.with_name("log"))
    sentinel.wait_until(lambda: answers(port))
    return sentinel


def _until_known(port: int) -> None:
    """Wait until this Sentinel knows the replica and the other Sentinels: it asks for them every ten seconds."""
    deadline = time.monotonic() + 60
    with redis.Redis(port=port, decode_responses=True) as sentinel:
        while time.monotonic() < deadline:
            found = sentinel.sentinel_master("chat")
            if (found["num-slaves"], found["num-other-sentinels"]) == (1, SENTINELS - 1):
                return
            time.sleep(0.2)
    raise RuntimeError("the Sentinels did not find each other")
