"""The OpenAPI document is true: whatever is generated from it gets an answer that stands in it."""

import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from chat.api.openapi import document
from tests.api.conftest import Serve

CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
    "response_headers_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "allow_header_conformance",
    "ignored_auth",
]


def test_the_document_is_valid_and_complete() -> None:
    # Half a second of a core, which each process takes that collects the tests.
    from openapi_spec_validator import validate

    validate(document())
    for path, operations in document()["paths"].items():
        for operation in operations.values():
            assert operation["summary"], path
            assert {401, 422, 429, 503} <= {int(status) for status in operation["responses"]}


# Of what is wrong by one part of a request, each kind once; with --long every boundary of every field, which for 100
# operations takes minutes of a core.
SOME = ("--phases", "fuzzing", "--max-examples", "1")
ALL = ("--phases", "coverage,fuzzing", "--max-examples", "5")


# Beside other tests it takes more than the usual 120 s.
@pytest.mark.timeout(600)
def test_nothing_generated_from_the_document_surprises_it(
    serve: Serve, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    # The room is there, so that what is generated gets further than to its door.
    (tmp_path / "schemathesis.toml").write_text('[parameters]\n"path.room" = "lobby"\n')
    with serve(CHAT_SEND_LIMIT="0", CHAT_API_LIMIT="0") as server:
        token = server.make_people("ada")["ada"]
        headers = {"Authorization": f"Bearer {token}"}
        httpx.post(f"{server.url}/api/v1/rooms/lobby/join", headers=headers).raise_for_status()
        said = httpx.post(f"{server.url}/api/v1/rooms/lobby/messages", headers=headers, json={"message": "hello"})
        said.raise_for_status()
        program = Path(sys.executable).with_name("schemathesis")
        done = subprocess.run(
            [
                *(program, "run", f"{server.url}/api/v1/openapi.json", "-H", f"Authorization: Bearer {token}"),
                *(ALL if request.config.getoption("--long") else SOME),
                *("--seed", "1", "--checks", ",".join(CHECKS)),
                *("--continue-on-failure", "--warnings", "off", "--request-timeout", "40", "--no-color"),
            ],
            cwd=tmp_path,
            env=os.environ | {"HOME": str(tmp_path)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "Traceback" not in server.log
