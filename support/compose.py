"""docker-compose.yml as docker compose understands it."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from support.servers import ROOT

COMPOSE_FILE = ROOT / "docker-compose.yml"
TLS_FILE = ROOT / "deploy" / "docker-compose.tls.yml"
METRICS_FILE = ROOT / "deploy" / "docker-compose.metrics.yml"

# ${NAME}, ${NAME:-default} and ${NAME:?complaint}
_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::-(?P<default>[^}]*)|:\?[^}]*)?\}")


def load(path: Any = COMPOSE_FILE) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text())
    return loaded


def service(name: str, values: Mapping[str, str]) -> dict[str, Any]:
    """One service, with the variables of `.env` filled in."""
    filled: dict[str, Any] = yaml.safe_load(fill(yaml.safe_dump(load()["services"][name]), values))
    return filled


def fill(text: str, values: Mapping[str, str], *, keep: bool = False) -> str:
    """Fill in variables. `keep`: one without a value stays, as the nginx image's envsubst leaves it."""

    def value(match: re.Match[str]) -> str:
        if keep:
            # YAML turns text that looks like a number into one.
            return str(values.get(match["name"], match[0]))
        return values.get(match["name"]) or match["default"] or ""

    return _VARIABLE.sub(value, text)


def variables(text: str) -> set[str]:
    return {match["name"] for match in _VARIABLE.finditer(text)}


def example() -> dict[str, str]:
    """The variables of `.env.example`."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
