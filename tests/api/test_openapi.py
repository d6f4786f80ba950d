"""The OpenAPI document is correct: any request generated from it gets a documented response."""

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
    # Imported here: it takes half a second of a core in each process that collects the tests.
    from openapi_spec_validator import validate

    validate(document())
    for path, operations in document()["paths"].items():
        for operation in operations.values():
            assert operation["summary"], path
            assert {401, 422, 429, 503} <= {int(status) for status in operation["responses"]}


# One request for each kind of error in one part; with --long every boundary of every field, which takes minutes of a
# core for 100 operations.
SOME = ("--phases", "fuzzing", "--max-examples", "1")
ALL = ("--phases", "coverage,fuzzing", "--max-examples", "5")


# In parallel with other tests it takes more than the usual 120 s.
@pytest.mark.timeout(600)
def test_nothing_generated_from_the_document_surprises_it(
    serve: Serve, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    # An existing room, so that generated requests get past the first check.
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
