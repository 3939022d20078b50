# SPDX-License-Identifier: Apache-2.0
"""Schemathesis against the live OpenAPI documents: whatever it invents, the answer is one that the document promises."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.client import Api, wait_until
from harness.stack import ADMIN_EMAIL, ADMIN_PASSWORD

EXAMPLES = os.environ.get("MICRO_SAYUR_SCHEMATHESIS_EXAMPLES", "50")
# Without negative_data_rejection: some endpoints answer the same whatever they are given, so that nothing shows. What is refused,
# and how, the other tests of this folder say.
CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,response_schema_conformance"
CHECKS += ",unsupported_method,allow_header_conformance,ignored_auth,missing_required_header"
SEED = os.environ.get("MICRO_SAYUR_SEED", "20261124")


def schemathesis(url: str, bearer: str, report: Path, *options: str) -> subprocess.CompletedProcess:
    program = Path(sys.executable).with_name("st")
    command = [program, "run", f"{url}/openapi.json", f"--max-examples={EXAMPLES}", f"--seed={SEED}", f"--checks={CHECKS}"]
    command += ["--header", f"Authorization: Bearer {bearer}", "--workers=2", "--request-timeout=20", "--no-color", *options]
    env = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
    return subprocess.run(command, cwd=report, env=env, capture_output=True, text=True, timeout=170, check=False)


@pytest.mark.parametrize("service", ["user", "notification"])
def test_every_answer_is_one_that_openapi_promises(stack, service, tmp_path):
    # Past the gateway, which slows floods and answers in the services' place.
    api = Api(stack, **stack.service_urls)
    tokens = api.must_log_in(ADMIN_EMAIL, ADMIN_PASSWORD) if service == "notification" else api.new_account().tokens
    url = stack.service_urls[f"{service}_url"]
    # A logout with the token would end the session in mid run.
    options = ["--exclude-operation-id=logout", "--exclude-operation-id=getMetrics"]
    done = schemathesis(url, tokens["access_token"], tmp_path, *options)
    print(done.stdout[-20_000:], done.stderr[-5_000:])
    assert done.returncode == 0
    wait_until(lambda: api.user.get("/ready").status_code == 200, 5, "readiness")
    api.close()
