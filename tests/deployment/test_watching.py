"""The monitoring queries metrics and labels that the servers provide."""

import json
import re
from typing import Any

import pytest
import yaml

from chat import metrics
from chat.protocol.errors import Code
from support import compose
from support.servers import ROOT

PROMETHEUS, GRAFANA = ROOT / "deploy" / "prometheus", ROOT / "deploy" / "grafana"
RULES = yaml.safe_load((PROMETHEUS / "alerts.yml").read_text())["groups"][0]["rules"]
PANELS: list[dict[str, Any]] = json.loads((GRAFANA / "backchannel.json").read_text())["panels"]
SERVICES = compose.load(compose.METRICS_FILE)["services"]

ALERTS = [rule["expr"] for rule in RULES]
CHARTS = [target["expr"] for panel in PANELS for target in panel["targets"]]
# Metrics that Prometheus itself records for each process that it scrapes, and the labels that it adds.
OF_PROMETHEUS = {"up", "job", "instance"}


def known() -> tuple[set[str], dict[str, set[str]]]:
    """The names of all samples, and the values of labels that are always present."""
    names, labels = set(), {"job": {"backchannel"}, "code": {code.value for code in Code}}
    for family in metrics.REGISTRY.collect():
        suffixes = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}.get(family.type, [""])
        names |= {family.name + suffix for suffix in suffixes}
    return names, labels


def labels_in_the_code() -> set[str]:
    found = [*vars(metrics).values(), *metrics.REGISTRY.collect()]
    collectors = [one for one in found if hasattr(one, "_labelnames")]
    return {name for one in collectors for name in one._labelnames} | {"le"} | OF_PROMETHEUS


@pytest.mark.parametrize("expression", ALERTS + CHARTS)
def test_it_asks_for_what_there_is(expression: str) -> None:
    names, labels = known()
    used = set(re.findall(r"\b(?:backchannel|process)_\w+|\bup\b", expression))
    assert used
    assert used <= names | OF_PROMETHEUS
    for label, value in re.findall(r'(\w+)="([^"]*)"', expression):
        assert label in labels_in_the_code()
        assert value in labels.get(label, {value})
    grouped = {name for by in re.findall(r"\bby \(([^)]*)\)", expression) for name in by.split(", ")}
    assert grouped <= labels_in_the_code()


def test_every_documented_metric_is_on_the_dashboard() -> None:
    shown = " ".join(CHARTS)
    names, _ = known()
    bare = {re.sub(r"_(bucket|sum|count)$", "", name) for name in names if name.startswith("backchannel_")}
    assert {name for name in bare if name not in shown} == {
        # The lifetimes of sockets and the number of received frames, for operators who query them.
        "backchannel_connection_seconds",
        "backchannel_received_frames_total",
        "backchannel_healed_events_total",
    }


def test_panels_lie_beside_each_other() -> None:
    places = [panel["gridPos"] for panel in PANELS]
    cells = [
        (x, y) for at in places for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24
    assert len({panel["id"] for panel in PANELS}) == len(PANELS)


def test_an_alert_says_what_it_means() -> None:
    for rule in RULES:
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert all(rule["annotations"][part].endswith(".") for part in ("summary", "description"))
    page = (ROOT / "docs" / "operations.md").read_text()
    assert re.findall(r"^\| `(Backchannel\w+)` \| \S", page, re.MULTILINE) == [rule["alert"] for rule in RULES]


def test_every_server_process_is_asked() -> None:
    [job] = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())["scrape_configs"]
    servers = re.findall(r"server (\S+) ", compose.load()["services"]["nginx"]["environment"]["NGINX_SERVERS"])
    assert job["static_configs"][0]["targets"] == servers


def test_it_listens_on_this_machine_alone_and_has_no_password() -> None:
    ports = [port for service in SERVICES.values() for port in service["ports"]]
    assert all(port.startswith("127.0.0.1:") for port in ports)
    settings = SERVICES["grafana"]["environment"]
    assert settings["GF_SECURITY_DISABLE_INITIAL_ADMIN_CREATION"] == "true"
    assert settings["GF_AUTH_BASIC_ENABLED"] == "false"


def test_what_is_mounted_is_where_it_is_looked_for() -> None:
    datasource = yaml.safe_load((GRAFANA / "datasource.yml").read_text())["datasources"][0]
    assert datasource["url"] == "http://prometheus:9090"
    assert {panel["datasource"]["uid"] for panel in PANELS} == {datasource["uid"]}
    [provider] = yaml.safe_load((GRAFANA / "dashboards.yml").read_text())["providers"]
    mounted = [mount.split(":")[1] for mount in SERVICES["grafana"]["volumes"]]
    board = SERVICES["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert board in mounted
    assert board.startswith(provider["options"]["path"] + "/")
