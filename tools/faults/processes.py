"""Our own processes: killed in the middle of sends, and replaced one after the other behind nginx."""

import asyncio
import io
import random
import subprocess
import tarfile
import urllib.error
import urllib.request
from pathlib import Path

from support.nginx import Nginx
from support.processes import free_port, scratch
from support.redis import RedisServer
from support.servers import ROOT, clean_environment, manage
from tools.faults.site import NO_LIMITS, Site, durable_postgres, make_people
from tools.faults.traffic import Traffic, logger
from tools.faults.verdict import Verdict

# A socket whose process ends is connected to another one within this time.
BACK_SECONDS = 10.0
_PROXY = """
    map $http_upgrade $connection_upgrade { default upgrade; '' ''; }
    upstream site { least_conn; %(servers)s }
    server {
        listen 127.0.0.1:%(port)d backlog=4096;
        location / {
            proxy_pass http://site;
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_connect_timeout 3s;
            proxy_read_timeout 90s;
        }
    }
"""


async def process_killed(*, times: int) -> Verdict:
    """A server process is killed (-9) in the middle of sends, again and again."""
    async with Site.on_postgres() as site, Traffic(site, speakers=6, interval=0.25) as traffic:
        for time_number in range(times):
            await traffic.until_said(random.randint(5, 25))
            number = time_number % site.processes
            site.servers[number].kill()
            await site.start_again(number)
            logger.info("killed %d of %d times", time_number + 1, times)
        verdict = await traffic.settle()
        verdict.repetitions = times
        verdict.expect(traffic.closes, "no connection ended: nothing was proven")
    return verdict


async def rolling_restart(*, sockets: int, rounds: int) -> Verdict:
    """Two processes behind nginx are restarted one after the other, with many sockets and constant traffic."""
    async with Site.on_postgres() as site:
        return await _restart_each(site, sockets=sockets, rounds=rounds)


async def rolling_upgrade(*, sockets: int, migrations: int) -> Verdict:
    """Two processes of an older build are replaced by this one, through its migrations, with sockets open.

    `migrations`: commits with migrations that lie between the two builds, or fewer where there are fewer.

    Raises:
        RuntimeError: this checkout has no history.
    """
    older, found = await asyncio.to_thread(_older_build, migrations)
    folder, layer = scratch("site"), RedisServer()
    addresses = {"DATA_DIR": str(folder), "DATABASE_URL": durable_postgres().create_database(), "REDIS_URL": layer.url}
    settings = NO_LIMITS | addresses
    await asyncio.to_thread(manage, "migrate", "-v0", env=clean_environment(**settings), build=older)
    tokens = await asyncio.to_thread(make_people, older, **settings)
    async with Site(settings, tokens, folder, 2, layer, durable_postgres(), build=older) as site:
        verdict = await _restart_each(site, sockets=sockets, rounds=1, build=ROOT)
    verdict.figures["migrations"] = str(found)
    return verdict


def _older_build(migrations: int) -> tuple[Path, int]:
    """The build before the last `migrations` commits with migrations, in a folder of its own, and how many there were:
    there is no upgrade from builds before the last squash of all migrations."""
    try:
        joined = _commits("-1", "--diff-filter=A", "--", "chat/migrations/*_squashed_*.py")[0]
        commits = _commits(f"-{migrations}", f"{joined}^..HEAD", "--", "*/migrations/*.py")
        archive = ["git", "archive", f"{commits[-1]}^"]
        packed = subprocess.run(archive, cwd=ROOT, check=True, capture_output=True).stdout
    except (OSError, IndexError, subprocess.CalledProcessError) as error:
        raise RuntimeError(f"an older build is taken from git, which says: {error}") from error
    folder = scratch("build")
    with tarfile.open(fileobj=io.BytesIO(packed)) as files:
        files.extractall(folder, filter="data")
    return folder, len(commits)


def _commits(*options: str) -> list[str]:
    log = ["git", "log", "--format=%H", *options]
    return subprocess.run(log, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()


async def _restart_each(site: Site, *, sockets: int, rounds: int, build: Path | None = None) -> Verdict:
    """Restart each process. With a `build`: by processes of that build, after its migrations."""
    port = free_port()
    servers = " ".join(f"server 127.0.0.1:{server.port} max_fails=0;" for server in site.servers)
    proxy = Nginx(_PROXY % {"servers": servers, "port": port}, port=port)
    try:
        return await _restart_behind(proxy, site, sockets=sockets, rounds=rounds, build=build)
    finally:
        proxy.stop()


async def _restart_behind(proxy: Nginx, site: Site, *, sockets: int, rounds: int, build: Path | None) -> Verdict:
    failures: list[str] = []
    async with Traffic(site, voices=sockets, speakers=4, interval=2.0, url=lambda _: proxy.url) as traffic:
        asking = asyncio.create_task(_ask_pages(proxy.url, failures))
        slowest = 0.0
        if build:
            await traffic.until_said(4)
            site.build = build
            await asyncio.to_thread(site.manage, "migrate", "-v0")
            await traffic.until_said(4)
        for round_number in range(rounds):
            for number, server in enumerate(site.servers):
                before = {voice.number: len(voice.closes) for voice in traffic.voices}
                code = await asyncio.to_thread(server.stop)
                await site.start_again(number)
                await _until_all_connected(traffic)
                gone = [voice for voice in traffic.voices if len(voice.closes) > before[voice.number]]
                away = [voice.back_at[-1] - voice.closed_at[before[voice.number]] for voice in gone]
                slowest = max([slowest, *away])
                logger.info("round %d: %d sockets moved", round_number + 1, len(gone))
                if code:
                    failures.append(f"a process ended with {code}")
                codes = {voice.closes[before[voice.number]].code for voice in gone}
                if codes - {1012}:
                    failures.append(f"sockets were closed with {codes}")
        asking.cancel()
        verdict = await traffic.settle()
        verdict.repetitions = rounds * site.processes
        verdict.figures["sockets"] = str(sockets)
        verdict.figures["each back within"] = f"{slowest:.1f} s"
        verdict.expect(not failures, f"{len(failures)} failures, such as: {failures[:2]}")
        verdict.in_time(slowest <= BACK_SECONDS, f"a socket was away for {slowest:.1f} s")
    return verdict


async def _ask_pages(url: str, failures: list[str]) -> None:
    """Request pages all the time: a reader must not see an error."""

    def ask() -> None:
        try:
            urllib.request.urlopen(f"{url}/accounts/login/", timeout=10).close()
        except urllib.error.HTTPError as error:
            failures.append(f"HTTP {error.code}")
        except OSError as error:
            failures.append(f"HTTP: {error}")

    while True:
        await asyncio.to_thread(ask)
        await asyncio.sleep(0.2)


async def _until_all_connected(traffic: Traffic) -> None:
    async with asyncio.timeout(60):
        while not all(voice.client.connected for voice in traffic.voices):
            await asyncio.sleep(0.02)
