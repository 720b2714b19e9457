"""The description held against the running product: what it promises is what programs get, whatever they send."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from peyvand.testing.installation import Installation

# Not asked: whether everything is refused that the description does not name, for digits, dates and names are understood
# in more ways than it says; nor whether everything is taken that it allows, for the rules of a business stand in no schema.
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,ignored_auth,use_after_free,ensure_resource_availability"
)
# The same values every time; PEYVAND_FUZZ_SEED=7 PEYVAND_FUZZ_SECONDS=600 has others made up, for longer.
SECONDS = int(os.environ.get("PEYVAND_FUZZ_SECONDS", "30"))
SEED = os.environ.get("PEYVAND_FUZZ_SEED", "1404")
pytestmark = [pytest.mark.slow, pytest.mark.timeout(SECONDS + 400)]


def test_what_is_described_is_what_is_answered(tmp_path: Path) -> None:
    installed = Installation(tmp_path / "data", {})
    installed.open()
    try:
        token = installed.workspace("arman").token
        installed.serve(1)
        described = installed.ask("GET", "/api/v1/openapi.json")
        validate(json.loads(described.body))
        done = subprocess.run(
            [
                str(Path(sys.executable).with_name("schemathesis")), "run", f"http://127.0.0.1:{installed.port}/api/v1/openapi.json",
                "--header", f"Authorization: Bearer {token}", "--checks", CHECKS, "--max-time", str(SECONDS),
                "--max-examples", "3", "--phases", "examples,fuzzing", "--seed", SEED, "--no-shrink", "--continue-on-failure",
                "--no-color", "--suppress-health-check", "all", "--generation-database", "none", "--request-timeout", "60",
            ],
            capture_output=True, text=True, timeout=SECONDS + 240, cwd=tmp_path,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    finally:
        installed.close()
