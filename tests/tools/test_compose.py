# SPDX-License-Identifier: Apache-2.0
"""./sayur compose, which adds files and profiles to what it passes on, beside a `docker` that only says what it was asked."""

from __future__ import annotations

import os
import subprocess

import pytest

from harness.packages import REPOSITORY

DOCKER = """#!/bin/sh
case $1 in
  ps) printf '%s\\n' "$RUNNING" ;;
  compose) [ "$2" = version ] || echo "${COMPOSE_FILE:-docker-compose.yml} ${COMPOSE_PROFILES:-} $*" ;;
esac
"""
WATCHED = "/srv/docker-compose.yml,/srv/compose.observability.yml,/srv/compose.tracing.yml"


@pytest.fixture
def asked(tmp_path):
    """asked(RUNNING, ARGUMENT...): what docker compose is asked while containers made from those files run."""
    docker = tmp_path / "docker"
    docker.write_text(DOCKER)
    docker.chmod(0o755)

    def run(running: str, *arguments: str) -> str:
        env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "RUNNING": running}
        done = subprocess.run(["./sayur", "compose", *arguments], cwd=REPOSITORY, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


def test_a_command_goes_to_the_parts_that_run(asked):
    files = "docker-compose.yml:compose.observability.yml:compose.tracing.yml"
    assert asked(WATCHED, "restart", "alertmanager") == f"{files} observability,grafana,tracing compose restart alertmanager"


def test_what_was_started_without_parts_has_none(asked):
    assert asked("/srv/docker-compose.yml", "ps") == "docker-compose.yml  compose ps"


def test_a_folder_whose_name_is_like_a_part_is_none(asked):
    assert asked("/compose.tracing.yml.d/docker-compose.yml", "ps") == "docker-compose.yml  compose ps"


def test_production_is_recognised_with_its_parts(asked):
    running = "/srv/docker-compose.yml,/srv/compose.prod.yml,/srv/compose.tracing.yml,/srv/compose.prod.tracing.yml"
    files = "docker-compose.yml:compose.prod.yml:compose.tracing.yml:compose.prod.tracing.yml"
    assert asked(running, "port", "gateway", "8443") == f"{files} tracing compose port gateway 8443"


def test_parts_that_are_named_are_the_ones(asked):
    assert asked(WATCHED, "--tracing", "ps") == "docker-compose.yml:compose.tracing.yml tracing compose ps"


def test_what_stands_behind_a_command_is_its_own(asked):
    assert asked("/srv/docker-compose.yml", "exec", "redis", "tool", "--tracing") == "docker-compose.yml  compose exec redis tool --tracing"


def test_a_stack_with_backups_is_recognised(asked):
    running = "/srv/docker-compose.yml,/srv/compose.backup.yml"
    assert asked(running, "logs", "backup") == "docker-compose.yml:compose.backup.yml  compose logs backup"


def test_nothing_is_restored_without_backups(asked):
    with pytest.raises(AssertionError, match="there are no backups"):
        asked("/srv/docker-compose.yml", "restore")


def test_down_reaches_every_part(asked):
    """By hand runs drill verify, whose disk down --volumes is to delete too."""
    files = (
        "docker-compose.yml:compose.backup.yml:compose.replicas.yml:compose.backup.replicas.yml:compose.pooler.yml"
        ":compose.replicas.pooler.yml:compose.observability.yml:compose.logging.yml:compose.tracing.yml"
    )
    assert asked("", "down", "--volumes") == f"{files} observability,grafana,logging,tracing,by-hand compose down --volumes"


def test_what_several_parts_need_together_comes_after_them(asked):
    files = asked("", "--production", "--replicas", "--pooler", "ps").split()[0].split(":")
    assert files.index("compose.prod.replicas.pooler.yml") > files.index("compose.pooler.yml") > files.index("compose.prod.replicas.yml")


RESTORING = """#!/bin/sh
case "$*" in
  "compose version"*) exit 0 ;;
  compose*) echo "${MAIL_RECIPIENTS:-everybody} $*" >>"$ASKED" ;;
  volume*) exit 1 ;;
esac
case "$*" in
  *" config") echo "      MAIL_RECIPIENTS: ops.example.com" ;;
  *pg_is_in_recovery*) echo f ;;
  *" restore --replace" | *" restore --copy --replace") exit "$RESTORED" ;;
esac
"""


@pytest.fixture
def restoring(tmp_path):
    """restoring(CODE, OPTION...): what ./sayur compose restore prints where the restore itself ends so, and what it asks of docker."""
    docker, asked, keys = tmp_path / "docker", tmp_path / "asked", tmp_path / "secrets" / "jwt_keys"
    docker.write_text(RESTORING)
    docker.chmod(0o755)
    keys.mkdir(parents=True)
    for name in ("one.pem", "one.key"):
        (keys / name).touch()

    def run(code: int, *options: str) -> tuple[subprocess.CompletedProcess, list[str]]:
        asked.write_text("")
        env = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "SECRETS_FOLDER": str(keys.parent), "ASKED": str(asked), "RESTORED": str(code)}
        command = ["./sayur", "compose", "--backup", "restore", *options]
        done = subprocess.run(command, cwd=REPOSITORY, env=env, capture_output=True, text=True, check=False)
        return done, asked.read_text().splitlines()

    return run


def started(asked: list[str]) -> list[str]:
    """Whom the services mail that were started."""
    return [line.split()[0] for line in asked if " up " in line and not line.endswith(" postgres")]


def test_a_restored_copy_mails_nobody_and_the_original_whom_it_mailed(restoring):
    done, asked = restoring(0, "--copy", "--replace")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "it will mail nobody" in done.stdout and "put it into .env" in done.stdout
    assert any(line.endswith(" restore --copy --replace") for line in asked)
    assert started(asked) == ["nobody"]
    done, asked = restoring(0, "--replace")
    assert "it will mail ops.example.com; say --copy where" in done.stdout
    assert started(asked) == ["everybody"]


def test_a_restore_that_fails_starts_nothing_and_says_how_to_go_on(restoring):
    done, asked = restoring(1, "--replace")
    assert done.returncode == 1
    assert "nothing was restored, and nothing runs" in done.stderr
    assert started(asked) == []
    assert "MAIL_RECIPIENTS" not in done.stderr
    done, asked = restoring(1, "--copy", "--replace")
    assert "Start a copy with MAIL_RECIPIENTS=nobody" in done.stderr
    assert started(asked) == []
