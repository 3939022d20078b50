# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the tests of Terraform."""

import pytest
from workspace import Workspace


@pytest.fixture(scope="module")
def workspace(tmp_path_factory):
    return Workspace(tmp_path_factory.mktemp("terraform"))
