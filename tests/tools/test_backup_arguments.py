# SPDX-License-Identifier: Apache-2.0
"""The programs of backups and wrong input: one line says what is wrong, where, and what to do; the exit codes are the services'."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from harness.packages import REPOSITORY

FOLDER = REPOSITORY / "deployments" / "data" / "backup"
PLACE = {"PGBACKREST_PG1_PATH": "/nonexistent/data", "PGBACKREST_STANZA": "micro-sayur"}


def run(program: str, *arguments: str, **env: str) -> subprocess.CompletedProcess:
    command = [sys.executable, str(FOLDER / f"{program}.py"), *arguments]
    return subprocess.run(command, env={"PATH": os.environ["PATH"]} | env, capture_output=True, text=True, timeout=30, check=False)


@pytest.mark.parametrize(
    ("program", "arguments", "env", "code", "said"),
    [
        ("backup_restore", [], {"PGBACKREST_STANZA": "micro-sayur"}, 78, "PGBACKREST_PG1_PATH is not set: say where the data folder"),
        ("backup_restore", [], {"PGBACKREST_PG1_PATH": "/nonexistent"}, 78, "PGBACKREST_STANZA is not set: say by which name"),
        ("backup_restore", [], PLACE, 1, "/nonexistent/data is no folder: make it, for the user of PostgreSQL"),
        ("backup_restore", ["--repository", "3"], PLACE, 64, "invalid choice: 3"),
        ("backup_restore", ["--to", "yesterday"], PLACE, 64, "invalid moment value: 'yesterday'"),
        ("backup_restore", ["--replace", "--discard"], PLACE, 64, "not allowed with argument"),
        ("backup_restore", ["--replaces"], PLACE, 64, "unrecognized arguments: --replaces"),
        ("backup_restore", ["--cop"], PLACE, 64, "unrecognized arguments: --cop"),  # the scripts that call it know whole words alone
        ("backup_verify", ["/nonexistent"], {}, 64, "/nonexistent is no folder"),
        ("backup_verify", [], {"BACKUP_FOLDER": "/nonexistent"}, 64, "/nonexistent is no folder"),
        ("backup_verify", ["/tmp", "/tmp"], {}, 64, "unrecognized arguments: /tmp"),
        ("backup_verify", ["/tmp"], {"BACKUP_FOLDER_BYTES": "8Gi"}, 78, "BACKUP_FOLDER_BYTES is '8Gi': say a whole number"),
        ("backup_job", ["--healty"], {}, 64, "unrecognized arguments: --healty"),
        ("backup_job", ["once"], {}, 64, "unrecognized arguments: once"),
        ("backup_job", ["--once", "--erasures"], {}, 64, "not allowed with argument"),
        ("backup_job", [], {"BACKUP_METRICS_PORT": "http"}, 78, "BACKUP_METRICS_PORT is 'http': say a whole number"),
    ],
)
def test_wrong_input_is_named_in_one_line(program, arguments, env, code, said):
    done = run(program, *arguments, **env)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("program", ["backup_restore", "backup_verify", "backup_job"])
def test_each_explains_itself(program):
    done = run(program, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"usage: {program}.py ")
