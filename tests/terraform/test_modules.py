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
    workspace.init(f"modules/{module}")
    said = workspace.terraform(f"modules/{module}", "test")
    passed, failed = re.search(r"(\d+) passed, (\d+) failed", said).groups()
    assert (int(passed) > 0, failed) == (True, "0")


def test_each_module_of_the_list_has_tests():
    assert set(MODULES) >= {"network", "eks", "database", "cache", "broker", "secrets", "registry", "backup", "dns"}
