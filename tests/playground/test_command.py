import urllib.error
import urllib.request

import pytest

from playground.routing import SERVERS
from support import forks
from support.servers import PYTHON, clean_environment
from tests.playground.conftest import serve_alone


def refused(*arguments: str) -> str:
    """The command's error output when it does not start."""
    done = forks.run([PYTHON, "manage.py", "playground", *arguments], env=clean_environment(), timeout=60)
    assert done.returncode != 0
    assert done.stdout == ""
    return done.stderr


@pytest.mark.parametrize("arguments", [(), ("pong",)])
def test_without_a_known_name_the_names_are_listed(arguments: tuple[str, ...]) -> None:
    last_line = refused(*arguments).splitlines()[-1]
    assert all(name in last_line for name in SERVERS)


def test_a_port_in_use_is_one_line() -> None:
    with serve_alone("echo") as server:
        message = refused("hello", "--port", str(server.port))
        assert message == f"CommandError: Cannot listen on port {server.port} of 127.0.0.1: Address already in use.\n"


def test_a_host_of_another_machine_is_one_line() -> None:
    assert refused("hello", "--host", "192.0.2.1", "--port", "0").count("\n") == 1


def test_a_port_is_a_number() -> None:
    assert "0 to 65535" in refused("hello", "--port", "65536")


def test_it_prints_where_it_listens_and_stops_on_a_signal() -> None:
    server = serve_alone("echo")
    assert server.log == f"echo: {server.ws_url}/ (Ctrl-C stops it)\n"
    assert server.stop() == 0


def test_a_browser_that_opens_the_address_reads_what_it_is() -> None:
    with serve_alone("hello") as server, pytest.raises(urllib.error.HTTPError) as answer:
        urllib.request.urlopen(server.url)
    with answer.value as page:
        assert page.code == 426
        assert b"WebSocket" in page.read()
