"""Our own processes: killed in the middle of sends, and replaced one after the other behind nginx."""

import asyncio
import random
import urllib.error
import urllib.request

from support.nginx import Nginx
from support.processes import free_port
from tools.faults.site import Site
from tools.faults.traffic import Traffic, logger
from tools.faults.verdict import Verdict

# A socket whose process goes is back at another one within this time.
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
        port = free_port()
        servers = " ".join(f"server 127.0.0.1:{server.port} max_fails=0;" for server in site.servers)
        proxy = Nginx(_PROXY % {"servers": servers, "port": port}, port=port)
        try:
            return await _restart_each(site, proxy, sockets=sockets, rounds=rounds)
        finally:
            proxy.stop()


async def _restart_each(site: Site, proxy: Nginx, *, sockets: int, rounds: int) -> Verdict:
    failures: list[str] = []
    async with Traffic(site, voices=sockets, speakers=4, interval=2.0, url=lambda _: proxy.url) as traffic:
        asking = asyncio.create_task(_ask_pages(proxy.url, failures))
        slowest = 0.0
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
    """Somebody who reads pages all the while must not see an error."""

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
