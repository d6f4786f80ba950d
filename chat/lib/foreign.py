"""Explains to the operator why the Origin of a request was refused: most often a setting is missing."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host


def allowed_hosts() -> list[str]:
    """Return ALLOWED_HOSTS, or what Django uses instead during development."""
    return settings.ALLOWED_HOSTS or ([".localhost", "127.0.0.1", "[::1]"] if settings.DEBUG else [])


def is_own(origin: str, host: str) -> bool:
    """Whether the Origin names the host of the request, and that is an allowed host. Then it is not another site: the
    server's settings do not name the TLS or the port in front of it."""
    try:
        parts = urlsplit(origin.lower())
    except ValueError:
        return False
    domain, _ = split_domain_port(host.lower())
    plain = parts.scheme in {"http", "https"} and f"{parts.scheme}://{host.lower()}" == origin.lower()
    return plain and bool(domain) and validate_host(domain, allowed_hosts())


def cure(origin: str, host: str) -> str:
    """Return a sentence about the setting to change. `origin` and `host`: as in the request."""
    if not origin or origin == "null":
        return "A browser sent the cookie without saying from which page; another site or a privacy setting does that."
    wanted = f"set CSRF_TRUSTED_ORIGINS={','.join([*settings.CSRF_TRUSTED_ORIGINS, origin])}"
    if is_own(origin, host):
        return f"People reach this server as {origin}, and its settings do not say so: {wanted}"
    return (
        f"A page of {origin} spoke to this server as {host}. If that is its own address, {wanted} and let the proxy "
        "in front pass on the Host; if not, another site tried to act for a person."
    )
