"""Checks which of the addresses that others supply the server may send to. No I/O."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from chat.lib.special_addresses import is_own_name, is_special


class Refused(Exception):
    """Raised before anything is sent: the server must not send to this address. The text gives the reason."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Which addresses the server may send to. `allowed`: the operator's own hosts, not checked, TLS optional.
    `plain`: TLS is optional for other hosts, too. `ports`: the ports allowed for other hosts; empty: all."""

    allowed: Collection[str] = field(default_factory=frozenset)
    plain: bool = False
    ports: Collection[int] = field(default_factory=frozenset)

    def check(self, url: str) -> SplitResult:
        """Return the parts of `url` if its text is acceptable; a name is checked again when it is resolved.

        Raises:
            Refused: no https, a user in it, another port, or a host that is not on the internet.
        """
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").rstrip("."), parts.port
        except ValueError:
            raise Refused("is no address") from None
        if not host or not url.isascii() or any(char <= " " for char in url):
            raise Refused("is no address")
        if parts.username is not None or parts.password is not None:
            raise Refused("has a user in it")
        if host in self.allowed:
            if parts.scheme not in ("https", "http"):
                raise Refused("must begin with https://")
            return parts
        if parts.scheme != "https" and not (self.plain and parts.scheme == "http"):
            raise Refused("must begin with https://")
        if self.ports and port is not None and port not in self.ports:
            raise Refused("has a port that is not of the web")
        if is_own_name(host):
            raise Refused("is not on the internet")
        return parts

    def judge(self, host: str, addresses: Iterable[str]) -> list[str]:
        """Return the `addresses` of `host` that the client may connect to.

        Raises:
            Refused: one of them is special: a host with both kinds is trying something.
        """
        found = list(addresses)
        if host.rstrip(".") not in self.allowed and any(map(is_special, found)):
            raise Refused("is not on the internet")
        return found
