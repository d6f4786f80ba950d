"""Debian's nginx with a configuration of ours, touching nothing of the machine's own."""

from support.processes import Child, answers, scratch
from support.programs import need

_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class Nginx:
    """Runs the `http` part of a configuration; `port` is one it listens on.

    One process without a master, so that it neither needs root nor changes user when run as root.
    """

    def __init__(self, http: str, *, port: int) -> None:
        self.folder = scratch("nginx")
        self.port = port
        self.error_log = self.folder / "error.log"
        config = self.folder / "nginx.conf"
        paths = "\n".join(f"    {name}_temp_path {self.folder / name};" for name in _TEMPORARY)
        access_log = f"access_log {self.folder / 'access.log'};"
        config.write_text(
            f"daemon off; master_process off; pid {self.folder / 'pid'};\n"
            "events { worker_connections 4096; }\n"
            f"http {{\n    include /etc/nginx/mime.types;\n    {access_log}\n{paths}\n{http}\n}}\n"
        )
        self.child = Child(
            [need("nginx", package="nginx"), "-p", self.folder, "-c", config, "-e", self.error_log],
            log=self.folder / "output.log",
        )
        self.child.wait_until(lambda: answers(port))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def access_log(self) -> str:
        return (self.folder / "access.log").read_text()

    def stop(self) -> None:
        self.child.stop()
