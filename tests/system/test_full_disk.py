# SPDX-License-Identifier: Apache-2.0
"""Where the data's disk is full writes are refused, /health says so, reads go on, and room is all that it takes to recover."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import uuid

import pytest

from harness.broker import Bystander
from harness.client import Api, new_email, new_password, wait_until
from harness.packages import REPOSITORY

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="only root can mount a small disk")


@contextlib.contextmanager
def mounted(disk, size: str):
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.fixture
def small_disk(tmp_path):
    with mounted(tmp_path / "disk", "6m"):
        yield tmp_path / "disk"


@pytest.fixture
def small_database_disk(repaired):
    """Where PostgreSQL keeps the rows; its log, without which it would end at once, has room."""
    postgres = repaired.servers["postgres"]
    place, aside = postgres.cluster / "base", postgres.cluster / "aside"

    def move(whence, to) -> None:
        subprocess.run(["cp", "-a", f"{whence}/.", str(to)], check=True)

    postgres.stop()
    place.rename(aside)
    used = sum(file.stat().st_blocks * 512 for file in aside.rglob("*"))
    try:
        with mounted(place, str(used + (8 << 20))):
            move(aside, place)
            postgres.start()
            yield place
            (place / "filling").unlink(missing_ok=True)
            postgres.stop()
            shutil.rmtree(aside)
            aside.mkdir()
            move(place, aside)
        place.rmdir()
    finally:
        aside.rename(place)
        postgres.start()


def example(kind: str) -> dict:
    event = json.loads((REPOSITORY / "contracts" / "examples" / f"{kind}.json").read_text())
    event["id"] = str(uuid.uuid4())
    event["data"]["email"] = new_email("event")
    return event


def fill(disk) -> None:
    with (disk / "filling").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            return


@pytest.mark.mode("embedded")
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


@pytest.mark.mode("distributed")
def test_health_of_both_services_says_that_the_databases_disk_is_full_until_there_is_room(api, repaired, small_database_disk):
    clients = [api.user, api.notification]

    def register() -> int:
        return api.register(new_email(), new_password()).status_code

    def databases() -> list[tuple[str, str]]:
        answers = [client.get("/health").json() for client in clients]
        return [(answer["status"], answer["services"]["database"]) for answer in answers]

    def notify() -> None:
        event = example("user.password_changed")
        bystander.publish(event["type"], event)

    wait_until(lambda: register() == 202, 30, "the services to be back at the database")
    wait_until(lambda: databases() == [("healthy", "healthy")] * 2, 30, "health")
    with contextlib.closing(Bystander(repaired.servers["rabbitmq"])) as bystander:
        fill(small_database_disk)
        wait_until(lambda: register() == 503, 60, "a refused write")
        wait_until(lambda: notify() or databases() == [("degraded", "unhealthy")] * 2, 60, "health to say that no row is taken")
        assert [client.get("/ready").status_code for client in clients] == [200, 200], "reads go on"
        (small_database_disk / "filling").unlink()
        wait_until(lambda: databases() == [("healthy", "healthy")] * 2, 30, "health to say that rows are taken again")
    assert register() == 202
