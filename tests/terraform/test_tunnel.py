# SPDX-License-Identifier: Apache-2.0
"""tools/aws/tunnel.sh, with a `kubectl` that says what it is asked. That the pod's configuration is Envoy's was tried by hand."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
import yaml

from harness.packages import REPOSITORY

KUBECTL = r"""#!/usr/bin/env python3
import json, os, sys
open(os.environ["CALLS"], "a").write(json.dumps(sys.argv[1:]) + "\n")
sys.exit(sys.argv[3] == os.environ.get("FAILS"))
"""


@pytest.fixture
def tunnel(tmp_path, monkeypatch):
    """tunnel(ARGUMENT..., code): what was said, and the calls of kubectl."""
    (tmp_path / "kubectl").write_text(KUBECTL)
    (tmp_path / "kubectl").chmod(0o755)
    calls = tmp_path / "calls"
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("CALLS", str(calls))

    def run(*arguments: str, code: int = 0) -> tuple[str, list[list[str]]]:
        command = [REPOSITORY / "tools/aws/tunnel.sh", *arguments]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30, check=False)
        assert done.returncode == code, done.stdout
        return done.stdout, [json.loads(line) for line in calls.read_text().splitlines()] if calls.exists() else []

    return run


def test_a_pod_leads_to_the_server_and_goes(tunnel):
    _, (run, wait, forward, delete) = tunnel("db.example", "5432", "15432")
    assert run[run.index("--image") + 1] in (REPOSITORY / "docker-compose.yml").read_text()
    (cluster,) = yaml.safe_load(run[-1])["static_resources"]["clusters"]
    (target,) = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"]
    assert target["endpoint"]["address"]["socket_address"] == {"address": "db.example", "port_value": 5432}
    assert (wait[2], forward[2:3], forward[-1], delete[2:4]) == ("wait", ["port-forward"], "15432:10000", ["delete", "pod"])
    assert delete[4] == run[3]


def test_it_goes_when_it_never_gets_ready(tunnel, monkeypatch):
    monkeypatch.setenv("FAILS", "wait")
    said, calls = tunnel("db.example", "5432", code=1)
    assert "does not get ready" in said
    assert [call[2] for call in calls] == ["run", "wait", "delete"]


@pytest.mark.parametrize("arguments", [("db.example",), ("db.example", "postgres"), ("a: b", "5432")])
def test_what_is_no_server(tunnel, arguments):
    said, calls = tunnel(*arguments, code=64)
    assert calls == []
    assert "tunnel.sh --help" in said or "no port" in said
