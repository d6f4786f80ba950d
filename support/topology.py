"""The topology of docker-compose.yml on this machine: the same commands and configuration, other addresses."""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from support import compose
from support.hosts import LOCAL, Host
from support.processes import Child, answers, free_port, scratch
from support.programs import need
from support.servers import PYTHON, ROOT, Server, clean_environment, manage, start_server, static_files

# What an operator writes into .env.
ENV = {
    "ALLOWED_HOSTS": "chat.example.org",
    "SECRET_KEY": "MwUIYTvGdA1Y9ywFzZWsEtyjTVjN2k7cAcBsRJXjHc8",
    "POSTGRES_PASSWORD": "not used here",
}


TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class Topology:
    """nginx before two server processes on one Redis and one PostgreSQL."""

    def __init__(self, *, database_url: str, redis_url: str) -> None:
        self.data_dir = scratch("deployment")
        self._here = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "DATA_DIR": str(self.data_dir)}
        self._here["STATIC_DIR"] = str(self.data_dir / "static")
        self.run_once("migrate")
        # Compressing takes 5 s of a core: check that the command runs, and copy files that were made before.
        self.run_once("collectstatic", "--dry-run")
        shutil.copytree(made := static_files(), self.data_dir / "static" / made.name)
        self.web1, self.web2 = self._web("web1"), self._web("web2")
        self.nginx = self.start_nginx()

    def settings(self, name: str) -> dict[str, str]:
        environment = compose.service(name, ENV)["environment"]
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return clean_environment(**environment | self._here, PATH=path)

    def run_once(self, name: str, *more: str) -> None:
        manage(*compose.service(name, ENV)["command"][2:], *more, env=self.settings(name))

    def _web(self, name: str, *, port: int | None = None) -> Server:
        here = {"HOST": "127.0.0.1", "PORT": str(port or free_port()), "PATH": self.settings(name)["PATH"]}
        python, *program = compose.service(name, ENV)["command"]
        assert python == "python", "what follows is no program of the Python in PATH"
        return start_server(command=[PYTHON, *program], env=self.settings(name) | here, data_dir=self.data_dir)

    def restart_web2(self) -> None:
        self.web2 = self._web("web2", port=self.web2.port)

    def start_nginx(self, *, servers: str = "", certificates: Path | None = None) -> "Nginx":
        """Another nginx; `servers`: the servers behind it, instead of our two."""
        environment = compose.service("nginx", ENV)["environment"]
        if not servers:
            servers = environment["NGINX_SERVERS"]
            for name, server in (("web1", self.web1), ("web2", self.web2)):
                # Debian's nginx does not know `resolve` yet, and there is no name here to resolve.
                servers = servers.replace(f"{name}:8000 resolve", f"127.0.0.1:{server.port}")
        values = environment | {"NGINX_SERVERS": servers, "NGINX_STATIC": str(self.data_dir / "static")}
        values["NGINX_FILES"] = str(self.data_dir / "files")
        return Nginx(values, certificates=certificates)

    def stop(self) -> None:
        for child in (self.nginx.child, self.web1.child, self.web2.child):
            child.kill()


class Nginx:
    """Debian's nginx with the shipped configuration, filled in as the official image does it."""

    def __init__(self, values: Mapping[str, str], *, certificates: Path | None = None, host: Host = LOCAL) -> None:
        self.folder = scratch("nginx")
        self.host, self.port, self.tls_port = host, free_port(), free_port()
        values = {**values, "NGINX_LISTEN": f"{host.address}:{self.port}", "NGINX_LOGS": str(self.folder)}
        # Its temporary folders belong to root by default.
        values["NGINX_HTTP"] = " ".join(f"{name}_temp_path {self.folder / name};" for name in TEMPORARY)
        if certificates:
            values |= compose.load(compose.TLS_FILE)["services"]["nginx"]["environment"]
            values["NGINX_SERVER"] = values["NGINX_SERVER"].replace("/etc/nginx", str(self.folder))
            values |= {"NGINX_TLS_LISTEN": f"127.0.0.1:{self.tls_port}", "NGINX_CERTIFICATES": str(certificates)}
        for name in ("nginx.conf", "tls.conf"):
            (self.folder / name).write_text(compose.fill((ROOT / "deploy" / name).read_text(), values, keep=True))
        here = f"daemon off; master_process off; pid {self.folder / 'pid'};"
        program = need("nginx", package="nginx")
        command: list[str | Path] = [
            program,
            "-c",
            self.folder / "nginx.conf",
            "-e",
            self.folder / "error.log",
            "-g",
            here,
        ]
        self.child = Child(host.command(command), log=self.folder / "output.log")
        self.child.wait_until(lambda: answers(self.port, host.address))

    @property
    def url(self) -> str:
        return f"http://{self.host.address}:{self.port}"

    def stop(self) -> None:
        self.child.stop()

    def logs(self) -> str:
        return "".join((self.folder / name).read_text() for name in ("access.log", "error.log"))
