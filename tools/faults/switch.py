"""The cable between the hosts of `machines.py`: a program that forwards packets, delays them, or drops some or all.

It reads IP packets from the TUN device of each host and writes them to the device of their destination. The kernels
handle TCP: they resend packets that are dropped here, as over a bad line. `tc` with netem would do the same, but many
kernels lack it.

    python -m tools.faults.switch NAME ADDRESS NAME ADDRESS …

prints `ready` when the devices are there, and then takes one order a line: `carry ADDRESS ADDRESS SECONDS SHARE`, the
delay of a packet between these two, and the share of packets that is dropped (1: the link is cut).
"""

import fcntl
import heapq
import ipaddress
import os
import random
import selectors
import struct
import sys
import time
from dataclasses import dataclass, field

# linux/if_tun.h
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
PACKET_BYTES = 2048


@dataclass(order=True, slots=True)
class _Packet:
    due: float
    # Orders packets of the same time by arrival.
    number: int
    device: int = field(compare=False)
    data: bytes = field(compare=False)


class Switch:
    """The devices by the address of their host, and what each link does to packets."""

    def __init__(self, devices: dict[str, str]) -> None:
        """`devices`: name -> address."""
        self._selector = selectors.DefaultSelector()
        self._devices: dict[bytes, int] = {}
        self._links: dict[frozenset[bytes], tuple[float, float]] = {}
        self._late: list[_Packet] = []
        self._number = 0
        for name, address in devices.items():
            device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
            fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
            self._devices[_packed(address)] = device
            self._selector.register(device, selectors.EVENT_READ)
        self._selector.register(sys.stdin.fileno(), selectors.EVENT_READ)

    def run(self) -> None:
        """Carry packets until the input ends."""
        while True:
            wait = max(self._late[0].due - time.monotonic(), 0) if self._late else None
            for key, _ in self._selector.select(wait):
                if key.fd != sys.stdin.fileno():
                    self._take(key.fd)
                elif not self._obey():
                    return
            now = time.monotonic()
            while self._late and self._late[0].due <= now:
                packet = heapq.heappop(self._late)
                _write(packet.device, packet.data)

    def _obey(self) -> bool:
        orders = os.read(sys.stdin.fileno(), 65536).decode()
        for line in orders.splitlines():
            one, other, seconds, share = line.split()[1:]
            self._links[frozenset((_packed(one), _packed(other)))] = float(seconds), float(share)
        return bool(orders)

    def _take(self, device: int) -> None:
        while True:
            try:
                data = os.read(device, PACKET_BYTES)
            except OSError:
                # No more packets, or a device that is not up yet.
                return
            # IPv4 to a known address only; the hosts also look for neighbours by IPv6.
            if data[0] >> 4 != 4 or not (to := self._devices.get(data[16:20])):
                continue
            delay, share = self._links.get(frozenset((data[12:16], data[16:20])), (0.0, 0.0))
            if share and random.random() < share:
                continue
            if delay:
                self._number += 1
                heapq.heappush(self._late, _Packet(time.monotonic() + delay, self._number, to, data))
            else:
                _write(to, data)


def _write(device: int, data: bytes) -> None:
    try:
        os.write(device, data)
    except OSError:
        # Its queue is full, or the host is gone: lost, as on any line.
        return


def _packed(address: str) -> bytes:
    return ipaddress.IPv4Address(address).packed


def main() -> None:
    names = sys.argv[1:]
    switch = Switch(dict(zip(names[::2], names[1::2], strict=True)))
    print("ready", flush=True)
    switch.run()


if __name__ == "__main__":
    main()
