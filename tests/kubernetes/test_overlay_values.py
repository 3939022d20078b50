# SPDX-License-Identifier: Apache-2.0
"""The values that each overlay gives the services: the programs of the images take every one of them."""

from __future__ import annotations

import subprocess

import pytest

from harness.packages import REPOSITORY
from harness.programs import faults
from kubernetes import manifests

VERSION = (REPOSITORY / "VERSION").read_text().strip()
# Files that pods mount, and that are not here.
FILES = ("_FILE", "JWT_KEYS_DIR")


@pytest.mark.parametrize("service", ["user-service", "notification-service"])
@pytest.mark.parametrize("overlay", manifests.OVERLAYS)
def test_a_service_takes_them(overlay, service):
    env = manifests.environment(manifests.objects(manifests.build(manifests.FOLDER / "overlays" / overlay)), "Deployment", service)
    options = [f"--env={name}={value}" for name, value in env.items()]
    command = ["docker", "run", "--rm", "--network=none", "--read-only", *options, f"micro-sayur/{service}:v{VERSION}"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert not [name for name in faults(done) if not name.endswith(FILES)], done.stderr
