"""The special-purpose IP addresses: the server must not send to these when others supply the address.

From the IANA registries "IPv4 Special-Purpose Address Registry" and "IPv6 Special-Purpose Address Registry" (RFC 6890,
as of November 2026), plus multicast and blocks that IANA has not allocated. Listed here because the flags of
`ipaddress` differ between Python versions. Addresses that the registries call globally reachable but that no service
uses (AS112, AMT, PCP anycast) count as special, too.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_IPV4 = tuple(
    ip_network(block)
    for block in (
        "0.0.0.0/8",  # this network, RFC 791
        "10.0.0.0/8",  # private use, RFC 1918
        "100.64.0.0/10",  # shared address space, RFC 6598
        "127.0.0.0/8",  # loopback, RFC 1122
        "169.254.0.0/16",  # link local, RFC 3927; clouds serve their metadata there
        "172.16.0.0/12",  # private use, RFC 1918
        "192.0.0.0/24",  # IETF protocol assignments, RFC 6890
        "192.0.2.0/24",  # documentation, RFC 5737
        "192.31.196.0/24",  # AS112-v4, RFC 7535
        "192.52.193.0/24",  # AMT, RFC 7450
        "192.88.99.0/24",  # 6to4 relay anycast, RFC 7526
        "192.168.0.0/16",  # private use, RFC 1918
        "192.175.48.0/24",  # direct delegation AS112, RFC 7534
        "198.18.0.0/15",  # benchmarking, RFC 2544
        "198.51.100.0/24",  # documentation, RFC 5737
        "203.0.113.0/24",  # documentation, RFC 5737
        "224.0.0.0/4",  # multicast, RFC 5771
        "240.0.0.0/4",  # reserved, RFC 1112, and the limited broadcast
    )
)
# Only this block is allocated for unicast: outside of it are loopback, link local, unique local, multicast, embedded
# IPv4 addresses, discard-only (100::/64) and segment routing (5f00::/16).
_IPV6_UNICAST = ip_network("2000::/3")
_IPV6 = tuple(
    ip_network(block)
    for block in (
        "2001::/23",  # IETF protocol assignments: Teredo, ORCHID, benchmarking, AMT, RFC 2928
        "2001:db8::/32",  # documentation, RFC 3849
        "2002::/16",  # 6to4, RFC 3056: an IPv4 address is inside
        "2620:4f:8000::/48",  # direct delegation AS112, RFC 7534
        "3fff::/20",  # documentation, RFC 9637
    )
)
# IPv4 hosts behind NAT64, RFC 6052: checked by the embedded address.
_NAT64 = ip_network("64:ff9b::/96")
# Top-level names of this machine or its network: RFC 6761, RFC 6762, RFC 8375, and the names that routers use.
_OWN_NAMES = frozenset({"localhost", "local", "internal", "arpa", "lan", "test", "invalid", "example", "onion"})


def is_special(address: str | IPv4Address | IPv6Address) -> bool:
    """Whether `address` has a special purpose, so that it may be a host in our own network.

    Raises:
        ValueError: it is not an IP address.
    """
    ip = ip_address(address) if isinstance(address, str) else address
    if isinstance(ip, IPv4Address):
        return any(ip in block for block in _IPV4)
    if ip.scope_id is not None:
        return True
    if ip in _NAT64:
        return is_special(IPv4Address(int(ip) & 0xFFFFFFFF))
    return ip not in _IPV6_UNICAST or any(ip in block for block in _IPV6)


def is_own_name(host: str) -> bool:
    """Whether `host` cannot be on the internet: a special address, a name without a dot, or a name in a reserved
    domain."""
    try:
        return is_special(ip_address(host))
    except ValueError:
        pass
    # Resolvers read 127.1, 0x7f.1 and 2130706433 as addresses; the last label of a name is never a number (RFC 3696).
    last = host.lower().rpartition(".")[2]
    return "." not in host or last in _OWN_NAMES or last[:1].isdigit()
