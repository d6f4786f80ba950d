"""A proxy of the environment applies to other machines, never to this machine itself."""

import pytest

from chatclient.loopback import is_loopback


@pytest.mark.parametrize(
    ("host", "here"),
    [
        *((host, True) for host in ["127.0.0.1", "127.0.0.1:8000", "localhost", "LOCALHOST:80", "[::1]:8000", "::1"]),
        *((host, False) for host in ["chat.example.org", "localhost.example.org:8000", "10.0.0.1", "[2001:db8::1]"]),
    ],
)
def test_this_machine_by_all_its_names(host: str, here: bool) -> None:
    assert is_loopback(host) is here
