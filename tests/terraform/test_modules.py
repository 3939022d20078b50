# SPDX-License-Identifier: Apache-2.0
"""The logic of the modules, by `terraform test` with mocked providers: modules/NAME/tests."""

from __future__ import annotations

import re

import pytest
from workspace import TERRAFORM

from harness.packages import REPOSITORY

MODULES = sorted(folder.parent.name for folder in (REPOSITORY / TERRAFORM / "modules").glob("*/tests"))
# What is ephemeral cannot be mocked: test_environments.py runs this one on moto.
ON_MOTO = "secrets"


@pytest.mark.parametrize("module", [module for module in MODULES if module != ON_MOTO])
def test_module(workspace, module):
    if module == "environment":
        # That module's outputs are mocked, which does not keep Terraform from opening what is ephemeral in it: out of the copy with it.
        secrets = workspace.folder / TERRAFORM / "modules/secrets/main.tf"
        without, found = re.subn(r'ephemeral "\w+" "this" \{.*?\n\}\n', "", secrets.read_text(), flags=re.DOTALL)
        secrets.write_text(re.sub(r"ephemeral\.[\w.]+\[each\.key\]\.random_password", '"mocked"', without))
        assert found == 1
    workspace.init(f"modules/{module}")
    said = workspace.terraform(f"modules/{module}", "test")
    passed, failed = re.search(r"(\d+) passed, (\d+) failed", said).groups()
    assert (int(passed) > 0, failed) == (True, "0")


def test_each_module_of_the_list_has_tests():
    assert set(MODULES) >= {
        "network",
        "eks",
        "database",
        "cache",
        "broker",
        "secrets",
        "registry",
        "backup",
        "bucket",
        "dns",
        "mail",
        "environment",
    }
