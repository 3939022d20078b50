# SPDX-License-Identifier: Apache-2.0
"""compose.backup.yml: two repositories, the loss of the disk, the way back, and what is refused."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import UTC, datetime, timedelta

import pytest

from harness.client import Api, wait_until
from harness.compose_stack import ComposeStack
from harness.container import docker

pytestmark = pytest.mark.timeout(900)
REPOSITORIES = (1, 2)


@pytest.fixture(scope="module")
def kept():
    """The stack with its backups, both of which are there."""
    running = ComposeStack(("docker-compose.yml", "compose.backup.yml"))
    try:
        wait_until(lambda: all(backups(running)), 120, "a backup in each repository")
        yield running
    finally:
        running.close()


def backups(stack: ComposeStack) -> list[int]:
    """How many each repository has."""
    said = stack.project.container("backup").execute("pgbackrest", "info", "--output=json", "--log-level-console=off")
    known = json.loads(said)[0]["backup"] if json.loads(said) else []
    return [sum(each["database"]["repo-key"] == number for each in known) for number in REPOSITORIES]


def samples(stack: ComposeStack) -> dict[str, float]:
    text = stack.project.container("backup").execute(
        "python3", "-c", "import urllib.request; print(urllib.request.urlopen('http://127.0.0.1:9854/metrics').read().decode())"
    )
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in text.splitlines() if line and not line.startswith("#")}


def wait_archived(stack: ComposeStack) -> None:
    """What is written by now is in both repositories."""
    segment = stack.run_sql("select pg_walfile_name(pg_current_wal_lsn())")

    def stored() -> bool:
        said = stack.project.container("backup").execute("pgbackrest", "info", "--output=json", "--log-level-console=off")
        newest = {each["database"]["repo-key"]: each["max"] for each in json.loads(said)[0]["archive"]}
        return all((newest.get(number) or "") >= segment for number in REPOSITORIES)

    wait_until(stored, 60, f"{segment} in both repositories")


def restore(stack: ComposeStack, *options: str) -> subprocess.CompletedProcess:
    return stack.project.run_sayur("compose", *stack.project.options, "restore", *options)


def lose_the_disk(stack: ComposeStack) -> None:
    stack.project.compose("rm", "--force", "--stop", "postgres", "backup", "user-service", "notification-service")
    stack.project.compose("rm", "--force", "user-service-migrate", "notification-service-migrate")
    docker("volume", "rm", f"{stack.project.name}_postgres_data", f"{stack.project.name}_backup_spool")


@pytest.mark.parametrize("repository", REPOSITORIES)
def test_a_lost_disk_comes_back(kept, repository):
    api = Api(kept)
    made = api.new_account(name="Dewi Lestari")
    wait_archived(kept)
    lose_the_disk(kept)
    done = restore(kept, f"--repository={repository}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"repository {repository}: restored in " in done.stdout
    assert api.profile(made.bearer).status_code == 401, "its session ended"
    again = api.must_log_in(made.email, made.password)
    assert api.profile({"Authorization": f"Bearer {again['access_token']}"}).json()["name"] == "Dewi Lestari"
    api.new_account()
    api.close()
    wait_until(lambda: samples(kept)['sayur_backup_last_completed_timestamp_seconds{repository="1",type="full"}'] > 0, 60, "the job again")
    wait_archived(kept)  # on the new timeline


def test_an_earlier_moment_without_the_erased(kept):
    api = Api(kept)
    before, erased = api.new_account(), api.new_account()
    moment = datetime.now(UTC)
    after = api.new_account()
    assert erased.email in kept.user_service.run("delete-account", erased.email)
    wait_archived(kept)
    done = restore(kept, f"--to={moment.isoformat()}", "--replace")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Of 1 erased persons 1 were there again, and are erased." in done.stdout
    assert api.login(before.email, before.password).status_code == 200
    assert api.login(after.email, after.password).status_code == 401
    assert api.login(erased.email, erased.password).status_code == 401
    api.close()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "is not empty: move away what is in it, or say --replace"),
        (["--replace", "--to", (datetime.now(UTC) + timedelta(days=1)).isoformat()], "is yet to come"),
        (["--replace", "--to", "2020-01-01T00:00:00Z"], "the first moment that repository 1 can be restored to is "),
        (["--replace", "--to", "yesterday"], "invalid moment value: 'yesterday'"),
        (["--replace", "--to", "2026-11-29T21:15:00"], "invalid moment value"),
        (["--repository", "3"], "invalid choice: 3"),
    ],
)
def test_what_cannot_be_restored_changes_nothing(kept, options, said):
    api = Api(kept)
    made = api.new_account()
    done = restore(kept, *options)
    assert done.returncode == 1
    assert said in done.stdout + done.stderr
    assert api.login(made.email, made.password).status_code == 200
    api.close()


def test_both_repositories_are_verified(kept):
    done = kept.project.run_sayur("drill", "verify")
    print(done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r"^(repository \d): restored in .*, every page looked at", done.stdout, re.MULTILINE) == [
        "repository 1",
        "repository 2",
    ]


def test_a_secret_that_a_restore_needs_is_missed(kept):
    (key,) = (kept.project.secrets / "jwt_keys").glob("*.key")
    away = key.rename(kept.project.secrets / key.name)
    try:
        done = kept.project.run_sayur("drill", "verify")
    finally:
        away.rename(key)
    assert done.returncode == 1
    assert "jwt_keys/*.key is missing" in done.stderr


def test_no_secret_is_in_the_environment(kept):
    for name in ("postgres", "backup"):
        environment = kept.project.container(name).inspect()["Config"]["Env"]
        keys = [
            line.split("=")[1]
            for line in (kept.project.secrets / "backup" / "job" / "second.conf").read_text().splitlines()
            if "pass" in line
        ]
        assert len(keys) == 1
        assert not [line for line in environment if keys[0] in line or "PASS=" in line]


def test_a_copy_mails_nobody(kept):
    wait_archived(kept)
    done = restore(kept, "--replace", "--copy")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "it will mail nobody" in done.stdout
    assert "MAIL_RECIPIENTS=nobody" in kept.project.container("notification-service").inspect()["Config"]["Env"]
