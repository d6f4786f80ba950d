"""Forms of Redis between two server processes."""

import contextlib
import subprocess
from pathlib import Path

import redis

from support.processes import Child, answers, free_port, scratch
from support.redis import RedisServer
from tools.faults.site import Site
from tools.matrix.row import Outcome
from tools.matrix.trial import converse, printed, program, word

# The rights that `manage.py doctor` names as sufficient.
RIGHTS = "+@all -@dangerous +info resetchannels &asgi* ~LIMITS* ~:1:*"


def _version() -> str:
    return word(printed(program("redis-server"), "--version"), behind="v=")


async def plain() -> Outcome:
    return await converse(Site.on_postgres(), version=_version())


async def tls() -> Outcome:
    version, folder, port = _version(), scratch("certificate"), free_port()
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    _certify(key, certificate)
    with contextlib.ExitStack() as running:
        server = RedisServer(
            *("--tls-port", str(port), "--tls-auth-clients", "no"),
            *("--tls-cert-file", str(certificate), "--tls-key-file", str(key), "--tls-ca-cert-file", str(certificate)),
        )
        running.callback(server.stop)
        return await _by(f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={certificate}", version=version)


async def rights() -> Outcome:
    version, server = _version(), RedisServer()
    with contextlib.ExitStack() as running:
        running.callback(server.stop)
        with redis.Redis.from_url(server.url) as client:
            client.execute_command("ACL", "SETUSER", "chat", "on", ">s3cret", *RIGHTS.split())
        return await _by(f"redis://chat:s3cret@127.0.0.1:{server.port}/0", version=version)


async def sentinel() -> Outcome:
    version, asked = _version(), program("redis-sentinel")
    server, folder, port = RedisServer(), scratch("sentinel"), free_port()
    (folder / "sentinel.conf").write_text(f"port {port}\nsentinel monitor chat 127.0.0.1 {server.port} 1\n")
    with contextlib.ExitStack() as running:
        running.callback(server.stop)
        child = Child([asked, folder / "sentinel.conf"], log=folder / "log")
        running.callback(child.kill)
        child.wait_until(lambda: answers(port))
        # The first Sentinel does not answer.
        return await _by(f"redis+sentinel://127.0.0.1:{free_port()},127.0.0.1:{port}/chat/0", version=version)


async def valkey() -> Outcome:
    found = program("valkey-server", reason="valkey-server is not installed; Debian 12 has no package of it")
    version, folder, port = word(printed(found, "--version"), behind="v="), scratch("valkey"), free_port()
    with contextlib.ExitStack() as running:
        options = ("--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "")
        child = Child([found, *options], log=folder / "log")
        running.callback(child.kill)
        child.wait_until(lambda: answers(port))
        return await _by(f"valkey://127.0.0.1:{port}/0", version=version)


async def _by(url: str, *, version: str) -> Outcome:
    site = Site.on_postgres(REDIS_URL=url)
    if site.redis:
        # Stop the site's own Redis, so that nothing can use it.
        site.redis.stop()
        site.redis = None
    return await converse(site, version=version)


def _certify(key: Path, certificate: Path) -> None:
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
