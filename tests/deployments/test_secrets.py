# SPDX-License-Identifier: Apache-2.0
"""What `./sayur compose secrets` makes, whatever the mask of whoever cloned, and over what an earlier version or another clone left."""

from __future__ import annotations

import os
import shutil
import stat

import pytest

from harness.compose import Project
from harness.packages import REPOSITORY

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def project(folder):
    made = Project(folder)
    yield made
    made.close()


@pytest.fixture
def closed_mask():
    before = os.umask(0o077)
    yield
    os.umask(before)


def mode(file) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_a_key_pair_and_the_secret_beside_it_are_made_once(project):
    project.make_secrets()
    keys = project.secrets / "jwt_keys"
    made = {file.name: file.read_bytes() for file in keys.iterdir()}
    assert sorted(name.rpartition(".")[2] for name in made) == ["key", "pem"]
    project.make_secrets()
    assert {file.name: file.read_bytes() for file in keys.iterdir()} == made


def test_a_folder_of_an_earlier_version_gets_the_secret_that_it_lacks(project):
    project.make_secrets()
    keys = project.secrets / "jwt_keys"
    (secret,), (pair,) = keys.glob("*.key"), keys.glob("*.pem")
    known = pair.read_bytes()
    secret.unlink()
    project.make_secrets()
    (again,) = keys.glob("*.key")
    assert len(again.read_text().strip()) == 64
    assert [file.read_bytes() for file in keys.glob("*.pem")] == [known]
    assert mode(again) == 0o644


def test_everything_comes_up_from_a_clone_under_a_closed_mask(project, closed_mask, tmp_path):
    """Files that are mounted out of the work tree, and those that `up` makes."""
    clone = tmp_path / "clone"
    tracked = ("sayur", "VERSION", "docker-compose.yml", "compose.prod.yml", "tools", "platform/page_frame/files")
    tracked += tuple(f"deployments/{name}" for name in ("compose", "data", "gateway", "observability"))
    clone.mkdir()
    for name in tracked:
        source, target = REPOSITORY / name, clone / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    for path in clone.rglob("*"):
        path.chmod(0o700 if path.is_dir() or mode(path) & 0o100 else 0o600)
    project.environment["COMPOSE_FILE"] = str(clone / "docker-compose.yml")
    project.repository = clone
    project.up()
    assert mode(project.secrets) == 0o700
    assert mode(project.secrets / "tls" / "authority.key") == 0o600


def test_volumes_that_were_filled_with_other_secrets_are_named_at_once(project):
    project.up()
    project.down()
    kept = project.secrets.with_name("kept")
    project.secrets.rename(kept)
    refused = project.try_up()
    assert refused.returncode == 1
    for volume in ("postgres_data", "rabbitmq_data"):
        assert f"{project.name}_{volume}" in refused.stderr
    assert "compose down --volumes" in refused.stderr
    assert not (project.secrets / "postgres_password").exists(), "nothing was made"
    kept.rename(project.secrets)
    project.up()
    project.down(volumes=True)
    shutil.rmtree(project.secrets)
    project.up()


@pytest.mark.parametrize("password", ['with"quote', "two words", "two\nlines", ""])
def test_a_password_that_the_servers_files_cannot_hold_is_refused_by_name(project, password):
    project.make_secrets()
    kept = (project.secrets / "redis_users.acl").read_bytes()
    (project.secrets / "user_service_redis_password").write_text(password)
    refused = project.try_up()
    assert refused.returncode == 1
    assert "user_service_redis_password must be one line of letters" in refused.stderr
    assert (project.secrets / "redis_users.acl").read_bytes() == kept


def test_a_password_goes_in_as_it_is(project):
    project.make_secrets()
    (project.secrets / "user_service_redis_password").write_text("a/b+c=d.e_f~g-h")
    project.make_secrets()
    assert "user user_service on >a/b+c=d.e_f~g-h ~session:*" in (project.secrets / "redis_users.acl").read_text()
