# SPDX-License-Identifier: Apache-2.0
"""What can be said of the files without running them."""

from __future__ import annotations

import json
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest
from workspace import ENVIRONMENTS, TERRAFORM

from harness.packages import REPOSITORY

FOLDERS = sorted({file.parent.relative_to(REPOSITORY / TERRAFORM) for file in (REPOSITORY / TERRAFORM).rglob("main.tf")})
ROOTS = [Path("bootstrap"), Path("repositories"), *(Path("environments") / environment for environment in ENVIRONMENTS)]
SKIP = re.compile(r"#checkov:skip=(CKV2?_AWS_\d+):(.+)")


@pytest.fixture(autouse=True, scope="module")
def initialised(workspace):
    for folder in FOLDERS:
        workspace.init(folder)


def test_every_folder_is_a_root_or_a_module():
    assert {folder for folder in FOLDERS if folder.parts[0] != "modules"} == set(ROOTS)


def test_it_is_formatted(workspace):
    workspace.run("terraform", "fmt", "-check", "-diff", "-recursive", TERRAFORM)


@pytest.mark.parametrize("folder", ROOTS, ids=str)
def test_it_is_valid(workspace, folder):
    workspace.terraform(folder, "validate")


@pytest.mark.parametrize("folder", FOLDERS, ids=str)
def test_no_other_provider_is_used(workspace, folder):
    locked = (workspace.folder / TERRAFORM / folder / ".terraform.lock.hcl").read_text()
    assert re.findall(r'provider "(.+)" \{\n  version += "(.+)"', locked) == [("registry.terraform.io/hashicorp/aws", "5.100.0")]


@pytest.mark.parametrize("folder", FOLDERS, ids=str)
def test_tflint_has_nothing_to_say(workspace, folder):
    assert shutil.which("tflint"), "tflint is needed: ./sayur test terraform installs it"
    configuration = workspace.folder / TERRAFORM / ".tflint.hcl"
    assert workspace.run("tflint", f"--chdir={TERRAFORM / folder}", f"--config={configuration}").strip() == ""


@pytest.mark.timeout(300)
def test_checkov_has_nothing_to_say_and_each_exception_is_needed(workspace):
    assert shutil.which("checkov"), "checkov is needed: ./sayur test terraform installs it"
    said = workspace.run("checkov", "-d", TERRAFORM, "--framework", "terraform", "--skip-download", "-o", "json", "--soft-fail")
    found = json.loads(said[said.index("{") :])
    failed = [f"{check['check_id']} {check['resource']}: {check['check_name']}" for check in found["results"]["failed_checks"]]
    assert failed == []
    assert found["summary"]["passed"] > 300
    used = Counter((check["check_id"], check["file_path"]) for check in found["results"]["skipped_checks"])
    for file in (REPOSITORY / TERRAFORM).rglob("*.tf"):
        for rule, reason in SKIP.findall(file.read_text()):
            where = "/" + str(file.relative_to(REPOSITORY / TERRAFORM))
            assert used[(rule, where)] > 0, f"{where}: {rule} would not fail without its exception"
            assert len(reason) > 5
