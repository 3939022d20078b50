# SPDX-License-Identifier: Apache-2.0
"""What a tag has to be before anything is built for it, and what its release says. gh is played: it writes down what it is asked."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from harness.packages import REPOSITORY

VERSION = (REPOSITORY / "VERSION").read_text().strip()
TAG = f"v{VERSION}"
GH = """#!/usr/bin/env bash
echo "$*" >>"$ASKED"
case "$1 $2" in
  api*) echo "$RUN" ;;
  "release view") [ -n "${THERE:-}" ] ;;
  "release create" | "release edit") cat >>"$ASKED" ;;
esac
"""
NEWS = f"# Changes\n\n## [{VERSION}0]\n\nLater.\n\n## [{VERSION}] - a day\n\nSomething new.\n\n## [{VERSION}-rc.1]\n\nOlder.\n"


def git(folder: Path, *words: str) -> str:
    command = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com", "-C", str(folder), *words]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


def commit(folder: Path, path: str, content: str) -> None:
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(content)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", path)


@pytest.fixture
def origin(tmp_path):
    """A repository whose main has a section for this version."""
    folder = tmp_path / "origin"
    git(tmp_path, "clone", "--quiet", "--depth", "1", f"file://{REPOSITORY}", str(folder))
    git(folder, "checkout", "--quiet", "-B", "main")
    commit(folder, "CHANGELOG.md", NEWS)
    return folder


@pytest.fixture
def folder(tmp_path, origin):
    git(tmp_path, "clone", "--quiet", f"file://{origin}", str(tmp_path / "clone"))
    return tmp_path / "clone"


@pytest.fixture
def script(run, folder, tmp_path):
    """script(NAME, WORD..., VARIABLE=value...): a script in the clone, with gh played."""
    program = tmp_path / "bin/gh"
    program.parent.mkdir()
    program.write_text(GH)
    program.chmod(0o755)

    def command(name: str, *words: str | Path, code: int = 0, **variables: str) -> str:
        played = {"PATH": f"{program.parent}:{os.environ['PATH']}", "ASKED": str(tmp_path / "asked"), "GH_REPO": "o/n"}
        return run(f"tools/ci/{name}.sh", *words, folder=folder, code=code, **played | variables)

    return command


def test_a_tag_of_a_green_commit_of_main(script, folder, tmp_path):
    assert "on main, and green" in script("version", TAG, RUN="completed success")
    assert f"actions/workflows/ci.yml/runs?head_sha={git(folder, 'rev-parse', 'HEAD')}&branch=main" in (tmp_path / "asked").read_text()


def test_a_tag_that_is_not_the_version(script):
    assert f"the tag is v0.0.1, but VERSION says {VERSION}" in script("version", "v0.0.1", code=1)


def test_a_version_that_nobody_wrote_of(script, folder):
    (folder / "CHANGELOG.md").write_text(NEWS.replace(f"## [{VERSION}] ", "## [0.1.0] "))
    assert f'CHANGELOG.md has no section "## [{VERSION}]"' in script("version", TAG, code=1)


def test_a_tag_beside_main(script, folder, tmp_path):
    commit(folder, "beside", "main")
    assert "which is not on main" in script("version", TAG, code=1, RUN="completed success")
    assert not (tmp_path / "asked").exists()


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        ("completed failure", "ended with failure: mend it"),
        ("completed cancelled", "ended with cancelled"),
        ("in_progress null", "has not ended yet (in_progress null)"),
        ("null null", "CI has not run for"),
        ("", "has not ended yet"),
    ],
)
def test_a_tag_that_is_not_green(script, answer, sentence):
    assert sentence in script("version", TAG, code=1, RUN=answer)


@pytest.fixture
def described(tmp_path):
    folder = tmp_path / "release"
    folder.mkdir()
    (folder / "images.txt").write_text("r/micro-sayur/user-service@sha256:12\n")
    return folder


def test_release_notes(script, described):
    said = script("notes", TAG, described, "--print")
    assert "Something new." in said
    assert "r/micro-sayur/user-service@sha256:12" in said
    assert "Later." not in said and "Older." not in said


def test_a_release_is_made_once_and_then_made_anew(script, described, tmp_path):
    script("notes", TAG, described)
    assert f"release create {TAG} --verify-tag" in (tmp_path / "asked").read_text()
    (tmp_path / "asked").unlink()
    script("notes", TAG, described, THERE="yes")
    asked = (tmp_path / "asked").read_text()
    assert f"release edit {TAG}" in asked and "Something new." in asked
    assert f"release upload {TAG} --clobber {described}/images.txt" in asked
    assert "create" not in asked


def test_an_older_release_gets_the_servers_of_today(script, folder, origin):
    properties = "deployments/k8s/overlays/aws-staging/aws/aws.properties"
    other = "deployments/k8s/overlays/aws-staging/kustomization.yaml"
    before = (folder / other).read_text()
    commit(origin, properties, "db.host=today\n")
    commit(origin, other, "# today\n")
    assert "as main has them" in script("servers", "staging")
    assert (folder / properties).read_text() == "db.host=today\n"
    assert (folder / other).read_text() == before, "the release's own"
    assert "main has no deployments/k8s/overlays/aws-moon" in script("servers", "moon", code=1)
