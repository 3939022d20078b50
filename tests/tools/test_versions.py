# SPDX-License-Identifier: Apache-2.0
"""Where an image is named with its version, it is the one of VERSION."""

import re

import pytest

from harness.packages import REPOSITORY

IMAGE = re.compile(r"micro-sayur/(?:user-service|notification-service|micro-sayur):(\S+)")


@pytest.mark.parametrize("name", ["docker-compose.yml", "docs/operations/compose.md"])
def test_images_are_named_with_the_current_version(name):
    found = set(IMAGE.findall((REPOSITORY / name).read_text()))
    assert found == {"v" + (REPOSITORY / "VERSION").read_text().strip()}
