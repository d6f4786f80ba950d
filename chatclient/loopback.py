"""Recognises addresses of this machine."""

import ipaddress


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine: as in a URL, with or without a port, IPv6 with or without brackets."""
    name = host.strip().lower()
    if name.startswith("["):
        name = name[1:].partition("]")[0]
    elif name.count(":") == 1:
        name = name.partition(":")[0]
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost" or name.endswith(".localhost")
