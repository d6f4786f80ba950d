"""Several machines on one: network namespaces with an address each, and a switch between them that can fail."""

import atexit
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from support.hosts import Host
from support.processes import Child, scratch
from support.programs import find
from support.servers import ROOT

# 198.18.0.0/15 is for tests of networks (RFC 2544), and no other network uses it. Parallel runs have a network each.
SUBNET = f"198.{18 + os.getpid() // 256 % 2}.{os.getpid() % 256}"
PROGRAMS = ("ip", "nsenter", "unshare")
# The host of the process that injects the fault and runs the clients.
OUTSIDE = "outside"


def cannot() -> str:
    """Why this machine cannot have them, or ""."""
    if os.geteuid() != 0:
        return "network namespaces take root"
    if missing := [program for program in PROGRAMS if not find(program)]:
        return f"{' and '.join(missing)} of iproute2 and util-linux"
    if subprocess.run(["unshare", "--net", "true"], capture_output=True).returncode:
        return "this root may make no network namespace"
    try:
        os.close(os.open("/dev/net/tun", os.O_RDWR))
    except OSError as error:
        return f"/dev/net/tun: {error.strerror}"
    return ""


class Machines:
    """`with Machines(["database", "server"]) as machines:`, whose `hosts` also have OUTSIDE, this process."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = [OUTSIDE, *names]
        self._holders: list[Child] = []

    def __enter__(self) -> Self:
        # Names of this process alone: another run may have its own network at the same time.
        devices = {name: f"bc{number}-{os.getpid()}" for number, name in enumerate(self._names)}
        addresses = {name: f"{SUBNET}.{number + 1}" for number, name in enumerate(self._names)}
        pairs = [part for name in self._names for part in (devices[name], addresses[name])]
        command = [sys.executable, "-m", "tools.faults.switch", *pairs]
        self._switch = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT, text=True, start_new_session=True
        )
        atexit.register(self._switch.kill)
        assert self._switch.stdout
        assert self._switch.stdout.readline().strip() == "ready", "the switch has no devices"
        self.hosts = {name: self._make(name, devices[name], addresses[name]) for name in self._names}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The devices disappear with the switch, the namespaces with the last process in them.
        self._switch.kill()
        self._switch.communicate()
        atexit.unregister(self._switch.kill)
        for holder in self._holders:
            holder.kill()

    def cut(self, one: str, other: str) -> None:
        """Let no packet pass between the two; nothing is closed."""
        self._carry(one, other, share=1.0)

    def slow(self, one: str, other: str, seconds: float) -> None:
        """Let a packet and its answer take `seconds`."""
        self._carry(one, other, seconds=seconds / 2)

    def lose(self, one: str, other: str, share: float) -> None:
        """Drop this share of packets, in both directions."""
        self._carry(one, other, share=share)

    def heal(self, one: str, other: str) -> None:
        self._carry(one, other)

    def _carry(self, one: str, other: str, *, seconds: float = 0.0, share: float = 0.0) -> None:
        assert self._switch.stdin
        ends = f"{self.hosts[one].address} {self.hosts[other].address}"
        self._switch.stdin.write(f"carry {ends} {seconds} {share}\n")
        self._switch.stdin.flush()

    def _make(self, name: str, device: str, address: str) -> Host:
        host = Host(address, "" if name == OUTSIDE else self._namespace())
        if host.namespace:
            _run(["ip", "link", "set", device, "netns", host.namespace.split("/")[2]])
            _run(host.command(["ip", "link", "set", "lo", "up"]))
        _run(host.command(["ip", "address", "add", f"{address}/24", "dev", device]))
        _run(host.command(["ip", "link", "set", device, "up"]))
        return host

    def _namespace(self) -> str:
        """A new namespace, which a sleeping process holds."""
        holder = Child(["unshare", "--net", "sleep", "infinity"], log=scratch("host") / "log")
        self._holders.append(holder)
        path, ours = Path(f"/proc/{holder.pid}/ns/net"), Path("/proc/self/ns/net").readlink()
        holder.wait_until(lambda: path.readlink() != ours)
        return str(path)


def _run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)
