"""Proxies in front of two server processes."""

import contextlib
from collections.abc import Callable
from pathlib import Path

from support import compose, topology
from support.processes import Child, answers, free_port, scratch
from tools.faults.site import Site
from tools.matrix.row import NotRun, Outcome
from tools.matrix.trial import converse, printed, program, word

_HAPROXY = """
defaults
    mode http
    timeout connect 3s
    timeout client 90s
    timeout server 90s
    timeout tunnel 90s
    option forwardfor
    option redispatch
    retries 3
frontend site
    bind 127.0.0.1:{port}
    default_backend processes
backend processes
    balance leastconn
    {servers}
"""
_CADDY = """
{{
    admin off
}}
http://127.0.0.1:{port} {{
    reverse_proxy {servers} {{
        lb_policy least_conn
        lb_try_duration 5s
        fail_duration 1s
    }}
}}
"""


async def nginx() -> Outcome:
    """As shipped: deploy/nginx.conf."""
    version = word(printed(program("nginx"), "-v"), behind="nginx/")
    with contextlib.ExitStack() as children:

        def start(site: Site) -> str:
            servers = " ".join(f"server 127.0.0.1:{port} max_fails=0;" for port in site.ports)
            values = compose.service("nginx", topology.ENV)["environment"]
            folders = {"NGINX_STATIC": str(site.data_dir), "NGINX_FILES": str(site.data_dir / "files")}
            running = topology.Nginx({**values, **folders, "NGINX_SERVERS": servers})
            children.callback(running.child.kill)
            return running.url

        return await converse(Site.on_postgres(TRUST_PROXY="1"), version=version, proxy=start)


async def haproxy() -> Outcome:
    found = program("haproxy")
    version = word(printed(found, "-v"), behind="version ")

    def servers(site: Site) -> str:
        return "\n    ".join(f"server p{port} 127.0.0.1:{port} check inter 1s" for port in site.ports)

    return await _behind(lambda file: [found, "-db", "-f", file], _HAPROXY, servers, version=version)


async def caddy() -> Outcome:
    found = program("caddy")
    version = printed(found, "version").split()[0]

    def servers(site: Site) -> str:
        return " ".join(f"127.0.0.1:{port}" for port in site.ports)

    return await _behind(
        lambda file: [found, "run", "--adapter", "caddyfile", "--config", file], _CADDY, servers, version=version
    )


async def traefik() -> Outcome:
    raise NotRun("Debian has no package of it")


async def _behind(
    command: Callable[[Path], list[str | Path]], config: str, servers: Callable[[Site], str], *, version: str
) -> Outcome:
    folder = scratch("proxy")
    with contextlib.ExitStack() as children:

        def start(site: Site) -> str:
            port = free_port()
            file = folder / "config"
            file.write_text(config.format(port=port, servers=servers(site)))
            child = Child(command(file), log=folder / "log", env={"HOME": str(folder), "PATH": "/usr/bin"})
            children.callback(child.kill)
            child.wait_until(lambda: answers(port))
            return f"http://127.0.0.1:{port}"

        return await converse(Site.on_postgres(TRUST_PROXY="1"), version=version, proxy=start)
