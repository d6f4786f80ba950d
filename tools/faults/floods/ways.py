"""The ways to a server: `serve` or uvicorn with our socket class, directly or through the shipped nginx."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

from support import compose
from support.topology import ENV, Nginx
from support.wire import UVICORN
from tools.faults.floods import turns
from tools.faults.site import Site

# The defaults, for an operator who sets nothing.
AS_SHIPPED = {"CHAT_SEND_LIMIT": "", "CHAT_CONNECT_LIMIT": "", "CHAT_SOCKETS_PER_USER": ""}


@dataclass(frozen=True)
class Way:
    server: Literal["serve", "uvicorn"]
    front: Literal["direct", "nginx"]

    def __str__(self) -> str:
        return f"{self.server}, {self.front}"

    @asynccontextmanager
    async def site(self) -> AsyncGenerator[tuple[Site, str]]:
        """A site of one process on SQLite, and the URL that attackers and bystanders use."""
        made = Site.on_sqlite()
        made.env |= AS_SHIPPED | ({"TRUST_PROXY": "1"} if self.front == "nginx" else {})
        made.command = turns.command(UVICORN if self.server == "uvicorn" else made.command)
        made.env[turns.FILE] = str(made.data_dir / turns.FILE)
        async with made as site:
            if self.front == "direct":
                yield site, site.url(0)
                return
            servers = f"server 127.0.0.1:{site.ports[0]} max_fails=0;"
            values = compose.service("nginx", ENV)["environment"]
            folders = {"NGINX_STATIC": str(site.data_dir), "NGINX_FILES": str(site.data_dir / "files")}
            nginx = Nginx(values | folders | {"NGINX_SERVERS": servers})
            try:
                yield site, nginx.url
            finally:
                nginx.stop()


WAYS = [Way("serve", "direct"), Way("serve", "nginx"), Way("uvicorn", "direct"), Way("uvicorn", "nginx")]
