# SPDX-License-Identifier: Apache-2.0
"""Where the data's disk is full writes are refused for now, /health says so, reads go on, and room is all that it takes to recover."""

from __future__ import annotations

import os
import subprocess

import pytest

from harness.client import Api, new_email, new_password, wait_until

pytestmark = [pytest.mark.mode("embedded"), pytest.mark.skipif(os.getuid() != 0, reason="only root can mount a small disk")]


@pytest.fixture
def small_disk(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(disk)], check=True)
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def fill(disk) -> None:
    with (disk / "filling").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


def test_health_says_that_the_disk_is_full_until_there_is_room(stack, small_disk):
    with stack.instance(MICRO_SAYUR_DATA=str(small_disk / "data")) as crowded:
        api = Api(crowded)
        person = {"password": new_password(), "name": "Siti Aminah"}

        def register() -> int:
            return api.user.post("/api/v1/auth/register", json=person | {"email": new_email()}).status_code

        def database() -> tuple[str, str]:
            health = api.user.get("/health").json()
            return health["status"], health["services"]["database"]

        assert register() == 202
        assert database() == ("healthy", "healthy")
        fill(small_disk)
        wait_until(lambda: register() == 503, 20, "a refused write")
        refused = api.user.post("/api/v1/auth/register", json=person | {"email": new_email()})
        assert "retry-after" in refused.headers
        wait_until(lambda: database() == ("degraded", "unhealthy"), 20, "health to say that no write is taken")
        assert api.user.get("/").status_code == 200, "what writes nothing goes on"
        (small_disk / "filling").unlink()
        wait_until(lambda: database() == ("healthy", "healthy"), 20, "health to say that writes are taken again")
        assert register() == 202
        api.close()
