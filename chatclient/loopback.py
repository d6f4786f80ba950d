"""Is a server on this machine?"""

import ipaddress


def is_loopback(host: str) -> bool:
    """`host` as in an address: with a port or without, an IPv6 address in brackets or not."""
    name = host.strip().lower()
    if name.startswith("["):
        name = name[1:].partition("]")[0]
    elif name.count(":") == 1:
        name = name.partition(":")[0]
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
