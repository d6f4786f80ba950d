"""Everything that the deployment files name must exist: paths, commands, ports, variables and settings."""

import configparser
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands

from support import compose
from support.servers import ROOT

BIN = Path(sys.executable).parent
NGINX_FILES = [ROOT / "deploy" / "nginx.conf", ROOT / "deploy" / "tls.conf"]
WEB = ["web1", "web2"]
SERVICES = compose.load()["services"]


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\$\{(\w+)\}", text))


@pytest.mark.parametrize(
    "path", [compose.COMPOSE_FILE, compose.TLS_FILE, compose.METRICS_FILE], ids=lambda path: path.name
)
def test_compose_files_keep_to_the_specification(path: Path) -> None:
    subprocess.run([BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", path], check=True)


def test_the_image_is_built_as_hadolint_recommends() -> None:
    subprocess.run([BIN / "hadolint", ROOT / "Dockerfile"], check=True)


def test_every_image_has_a_version() -> None:
    images = [service["image"] for service in SERVICES.values() if "build" not in service]
    watching = [service["image"] for service in compose.load(compose.METRICS_FILE)["services"].values()]
    assert all(re.search(r":v?\d+\.\d+\.\d+$", image) for image in watching), watching
    images += re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert len(images) == 5
    assert all(re.search(r":\d+\.?\d*-", image) for image in images), images


def test_the_variables_of_the_compose_files_are_those_of_the_example() -> None:
    used = compose.variables(compose.COMPOSE_FILE.read_text()) | compose.variables(compose.TLS_FILE.read_text())
    example = compose.example()
    documented = set(re.findall(r"^\| `(\w+)`", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE))
    assert used <= example.keys()
    assert example.keys() - used - documented == {"COMPOSE_FILE"}, "read by docker compose itself"
    for path in example["COMPOSE_FILE"].split(":"):
        assert (ROOT / path).is_file()


def test_no_secret_has_a_default() -> None:
    example = compose.example()
    assert example["SECRET_KEY"] == example["POSTGRES_PASSWORD"] == ""
    text = compose.COMPOSE_FILE.read_text()
    for name in ("SECRET_KEY", "POSTGRES_PASSWORD"):
        assert set(re.findall(rf"\$\{{{name}[^}}]*\}}", text)) == {f"${{{name}:?set it in .env}}"}


def test_the_servers_get_settings_that_exist() -> None:
    documented = set(re.findall(r"^\| `(\w+)`", (ROOT / "docs" / "settings.md").read_text(), re.MULTILINE))
    for name in [*WEB, "migrate", "collectstatic"]:
        assert SERVICES[name]["environment"].keys() <= documented


def test_addresses_name_services_and_their_ports() -> None:
    for name in WEB:
        environment = SERVICES[name]["environment"]
        assert re.findall(r"@(\w+):5432/", environment["DATABASE_URL"]) == ["postgres"]
        assert re.findall(r"//(\w+):6379/", environment["REDIS_URL"]) == ["redis"]
    servers = re.findall(r"server (\w+):(\d+) ", SERVICES["nginx"]["environment"]["NGINX_SERVERS"])
    assert servers == [(name, SERVICES[name]["environment"]["PORT"]) for name in WEB]
    assert f"EXPOSE {servers[0][1]}\n" in (ROOT / "Dockerfile").read_text()
    assert all(f"127.0.0.1:{port}/" in SERVICES[name]["healthcheck"]["test"][-1] for name, port in servers)
    assert SERVICES["nginx"]["ports"][0].endswith(":" + SERVICES["nginx"]["environment"]["NGINX_LISTEN"])


def test_no_log_fills_the_disk() -> None:
    services = [*SERVICES.values(), *compose.load(compose.METRICS_FILE)["services"].values()]
    assert all(service["logging"] == {"driver": "local"} for service in services)


def test_a_server_writes_to_its_data_alone() -> None:
    for name in [*WEB, "migrate", "collectstatic"]:
        assert SERVICES[name]["read_only"]
        assert [mount.split(":")[1] for mount in SERVICES[name]["volumes"]] == [
            "/data",
            "/data/static",
            "/data/files",
        ]
        assert SERVICES[name]["tmpfs"] == ["/tmp"]


def test_only_nginx_can_be_reached_from_outside() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]


def test_what_a_service_waits_for_can_happen() -> None:
    for service in SERVICES.values():
        for name, wanted in service.get("depends_on", {}).items():
            awaited = SERVICES[name]
            if wanted["condition"] == "service_healthy":
                assert "healthcheck" in awaited
            else:
                assert wanted["condition"] == "service_completed_successfully"
                assert awaited["restart"] == "no"


def test_the_commands_exist() -> None:
    for name in [*WEB, "migrate", "collectstatic"]:
        python, script, command, *_ = SERVICES[name]["command"]
        assert python == "python"
        assert (ROOT / script).is_file()
        assert command in get_commands()


def test_mounted_files_and_volumes_exist() -> None:
    more = [compose.load(path) for path in (compose.TLS_FILE, compose.METRICS_FILE)]
    volumes = compose.load()["volumes"] | more[1]["volumes"]
    services = [*SERVICES.values(), *(service for file in more for service in file["services"].values())]
    for mount in [mount for service in services for mount in service.get("volumes", [])]:
        source = mount.split(":")[0]
        if source.startswith("./"):
            assert (ROOT / source).exists(), source
        else:
            assert source in volumes or source == "${CERTIFICATES"


def test_each_placeholder_of_nginx_is_filled_in() -> None:
    given = SERVICES["nginx"]["environment"].keys()
    tls = compose.load(compose.TLS_FILE)["services"]["nginx"]["environment"].keys()
    needed = [placeholders(path.read_text()) for path in NGINX_FILES]
    assert needed[0] <= given
    assert needed[1] <= given | tls
    assert {name for name in given | tls if name.startswith("NGINX_") and "ENVSUBST" not in name} == needed[0] | needed[
        1
    ]


def test_what_the_image_copies_is_there_and_complete() -> None:
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    assert all((ROOT / path).exists() for path in kept)
    installed = {path.parent.name for path in ROOT.glob("*/apps.py")}
    assert installed | {"your_project", "templates", "manage.py", "requirements.txt"} == set(kept)


def test_the_unit_starts_what_the_compose_file_starts() -> None:
    unit = configparser.ConfigParser(interpolation=None, strict=True)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(ROOT / "deploy" / "backchannel@.service")
    command = shlex.split(unit["Service"]["ExecStart"])
    assert command[1:] == SERVICES["web1"]["command"][1:]
    assert Path(command[0]).is_relative_to(unit["Service"]["WorkingDirectory"])
    assert unit["Service"]["TimeoutStopSec"] + "s" == SERVICES["web1"]["stop_grace_period"]


def test_nginx_gets_to_the_static_files_of_the_unit_and_nowhere_else() -> None:
    unit = (ROOT / "deploy" / "backchannel@.service").read_text()
    data_dir = re.findall(r"\bDATA_DIR=(\S+)", unit)[0]
    page = (ROOT / "docs" / "self-hosting.md").read_text()
    assert re.findall(r"\bNGINX_STATIC=(\S+)", page) == [f"{data_dir}/static"]
    mode = int(re.findall(r"^StateDirectoryMode=(\d+)$", unit, re.MULTILINE)[0], 8)
    assert mode & 0o007 == 0o001


def test_times_fit_each_other() -> None:
    nginx = NGINX_FILES[0].read_text()
    ping_interval = 20
    assert all(int(seconds) > 2 * ping_interval for seconds in re.findall(r"proxy_(?:read|send)_timeout (\d+)s", nginx))
