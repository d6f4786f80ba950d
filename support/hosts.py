"""Where a program runs: on this machine, or on one that is a network namespace with an address of its own."""

import pwd
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Host:
    """`namespace` is a file of /proc that names the network namespace, or empty for that of this process."""

    address: str = "127.0.0.1"
    namespace: str = ""

    def command(self, parts: Sequence[str | Path], *, user: str | None = None) -> list[str]:
        """The command that runs `parts` here, as `user`: entering a namespace takes root, so the user changes after
        it."""
        if not self.namespace:
            return list(map(str, parts))
        become: list[str] = []
        if user:
            found = pwd.getpwnam(user)
            become = [f"--setuid={found.pw_uid}", f"--setgid={found.pw_gid}"]
        return ["nsenter", f"--net={self.namespace}", *become, "--", *map(str, parts)]

    def user(self, name: str | None) -> str | None:
        """The user that the starting process has to become: `name`, unless `command` does it."""
        return None if self.namespace else name


LOCAL = Host()
