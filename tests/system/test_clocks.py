# SPDX-License-Identifier: Apache-2.0
"""Machines whose clocks disagree, and jump: the times that count are the database's."""

from __future__ import annotations

import re
import threading
from collections import Counter
from pathlib import Path

import pytest

from harness.client import Account, Api, new_email, new_password, token_of, wait_until
from harness.processes import free_port
from harness.service import Service
from harness.stack import ADMIN_EMAIL, ADMIN_PASSWORD

pytestmark = pytest.mark.mode("distributed")

LIBRARY = next(iter(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")), None)
MAILS = 60


@pytest.fixture(autouse=True, scope="module")
def shiftable(request):
    """libfaketime and AddressSanitizer each replace what the other needs before it is there."""
    if request.config.getoption("--preset") == "asan":
        pytest.skip("libfaketime cannot be loaded into a program that was built with AddressSanitizer")


class Shifted:
    """One of each service, on a machine whose wall clock is off; the steady clock, as on every machine, is not."""

    def __init__(self, stack, name: str, offset: str) -> None:
        self.file = stack.session.directory / f"faketime-{name}"
        self.set(offset)
        shift = {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }
        self.services = []
        jwks = {}
        for service in stack.services.values():
            port = free_port()
            made = Service(stack.session, service.program, service.env | shift | jwks | {"HTTP_PORT": str(port)}, [port])
            made.start()
            self.services.append(made)
            jwks = {"JWKS_URL": f"http://127.0.0.1:{self.services[0].ports[0]}/.well-known/jwks.json"}
        self.user_url, self.notification_url = (f"http://127.0.0.1:{service.ports[0]}" for service in self.services)

    def set(self, offset: str) -> None:
        """Replaced at once, so that nobody reads half of it."""
        fresh = self.file.with_suffix(".new")
        fresh.write_text(offset + "\n")
        fresh.replace(self.file)

    def api(self, stack) -> Api:
        return Api(stack, user_url=self.user_url, notification_url=self.notification_url)

    def stop(self) -> None:
        for service in self.services:
            if service.running:
                service.stop()


@pytest.fixture
def shifted(repaired):
    if LIBRARY is None:
        pytest.skip("libfaketime is not installed")
    for service in repaired.services.values():
        assert service.stop() == 0
    pair = []
    try:
        pair.append(Shifted(repaired, "ahead", "+600"))
        pair.append(Shifted(repaired, "behind", "-600"))
        yield pair
    finally:
        for each in pair:
            each.stop()


def register_all(stack, pair, between) -> list[Account]:
    """Half at each instance, side by side; `between` is called again and again meanwhile."""
    accepted: list[Account] = []

    def work(instance: Shifted) -> None:
        api = instance.api(stack)
        for _ in range(MAILS // 4):
            made = Account(new_email("clock"), new_password(), "Siti Aminah")
            assert api.register(made.email, made.password, made.name).status_code == 202
            accepted.append(made)
        api.close()

    threads = [threading.Thread(target=work, args=(instance,)) for instance in pair for _ in range(2)]
    for thread in threads:
        thread.start()
    for turn in range(10_000):
        between(turn)
        for thread in threads:
            thread.join(0.05)
        if not any(thread.is_alive() for thread in threads):
            break
    return accepted


@pytest.mark.parametrize("jumping", [False, True], ids=["apart", "jumping"])
def test_instances_whose_clocks_disagree_send_each_mail_once(repaired, shifted, jumping):
    repaired.sink.delay = 2.0  # several looks at what is due while a mail is on its way
    before = len(repaired.sink.mails)

    def jump(turn: int) -> None:
        if jumping and turn % 4 == 0:
            for index, instance in enumerate(shifted):
                instance.set(("+600", "-600")[(turn // 4 + index) % 2])

    accepted = register_all(repaired, shifted, jump)
    assert len(accepted) == MAILS
    for made in accepted:
        repaired.wait_for_mails(made.email, 1, 90)
    # Whatever was sent again would have been claimed by now: each instance looks for what is due every second.
    done = "select count(*) from notification_service.notifications where status <> 'sent'"
    wait_until(lambda: repaired.servers["postgres"].run_sql(done) == "0", 40, "the end of all deliveries")
    count = Counter(mail.recipients[0] for mail in repaired.sink.mails[before:])
    assert [count[made.email] for made in accepted if count[made.email] != 1] == [], "0 lost, 0 doubled"


def test_what_one_instance_gives_out_the_other_takes(repaired, shifted):
    ahead, behind = (each.api(repaired) for each in shifted)
    for one, other in ((ahead, behind), (behind, ahead)):
        made = Account(new_email(), new_password(), "Siti Aminah")
        assert one.register(made.email, made.password, made.name).status_code == 202
        assert other.verify(token_of(repaired.wait_for_mails(made.email)[0]), made.password).status_code == 200
        tokens = one.must_log_in(made.email, made.password)
        assert other.profile({"Authorization": f"Bearer {tokens['access_token']}"}).status_code == 200
        assert other.refresh(tokens["refresh_token"]).status_code == 200
        admin = one.must_log_in(ADMIN_EMAIL, ADMIN_PASSWORD)
        assert other.notifications({"Authorization": f"Bearer {admin['access_token']}"}).status_code == 200
    ahead.close()
    behind.close()


def test_a_clock_that_is_off_is_told_and_ejects_nobody(repaired, shifted):
    for instance, sign in zip(shifted, (1, -1), strict=True):
        api = instance.api(repaired)
        for service, client in zip(instance.services, (api.user, api.notification), strict=True):
            body = wait_until(lambda client=client: client.get("/health").json(), 5)
            wait_until(lambda client=client: client.get("/health").json()["services"]["clock"] == "unhealthy", 10, "the clock")
            assert client.get("/health").json()["status"] == "degraded", body
            assert client.get("/ready").status_code == 200
            ahead = float(re.search(r"^sayur_clock_ahead_seconds (\S+)$", client.get("/metrics").text, re.M).group(1))
            assert abs(ahead - sign * 600) < 5
            wait_until(
                lambda service=service: [
                    line for line in service.log_lines() if line["message"] == "does not work" and line.get("dependency.name") == "clock"
                ],
                10,
                "a line",
            )
        api.close()
