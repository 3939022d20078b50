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
